"""Tables are read from the migrations and models of each language alike."""

from __future__ import annotations

from pathlib import Path

from backend_readiness.controls.database.schema import Schema
from backend_readiness.controls.database.tables import Table
from backend_readiness.facts.store import collect
from backend_readiness.graph.world import Graph
from backend_readiness.snapshot import take


def schema(folder: Path, files: dict[str, str]) -> Schema:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    snapshot = take(folder)
    return Schema(Graph(snapshot, collect(snapshot)))


def real(folder: Path, files: dict[str, str], name: str) -> Table:
    found = schema(folder, files).table(name)
    assert found is not None
    return found.real


RAILS = {
    "Gemfile": 'gem "rails"\n',
    "db/migrate/20240101000000_create_accounts.rb": (
        "class CreateAccounts < ActiveRecord::Migration[7.1]\n"
        "  def change\n"
        "    create_table :accounts do |t|\n"
        "      t.string :email\n"
        "    end\n"
        "  end\n"
        "end\n"
    ),
    "db/schema.rb": (
        "ActiveRecord::Schema[7.1].define(version: 2024_01_02_000000) do\n"
        '  create_table "accounts", force: :cascade do |t|\n'
        '    t.string "email", null: false\n'
        '    t.bigint "plan_id"\n'
        '    t.index ["email"], name: "index_accounts_on_email", unique: true\n'
        "  end\n"
        '  create_table "plans", force: :cascade do |t|\n'
        '    t.string "title"\n'
        "  end\n"
        '  add_foreign_key "accounts", "plans"\n'
        "end\n"
    ),
}


def test_the_schema_file_of_rails_takes_the_place_of_its_migrations(tmp_path: Path) -> None:
    found = schema(tmp_path, RAILS)
    table = found.table("Account")
    assert table is not None
    email, plan = table.real.column("email"), table.real.column("plan_id")
    assert email is not None
    assert not email.nullable
    assert email.file == "db/schema.rb"
    assert email.line == 3
    assert table.real.unique_over("email") is not None
    assert plan is not None
    assert plan.references == "plans"
    assert [m.path for m in found.migrations] == ["db/migrate/20240101000000_create_accounts.rb"]
    assert found.migrations[0].back == "some"


def test_a_migration_of_laravel_makes_columns_that_are_required_unless_they_say_otherwise(tmp_path: Path) -> None:
    files = {
        "composer.json": '{"require": {"laravel/framework": "^11.0"}}',
        "database/migrations/2024_01_01_000000_create_accounts.php": (
            "<?php\n"
            "use Illuminate\\Database\\Migrations\\Migration;\n"
            "use Illuminate\\Database\\Schema\\Blueprint;\n"
            "use Illuminate\\Support\\Facades\\Schema;\n"
            "return new class extends Migration {\n"
            "    public function up() {\n"
            "        Schema::create('accounts', function (Blueprint $table) {\n"
            "            $table->id();\n"
            "            $table->string('email')->unique();\n"
            "            $table->text('about')->nullable();\n"
            "            $table->foreignId('plan_id')->constrained()->cascadeOnDelete();\n"
            "        });\n"
            "    }\n"
            "    public function down() { Schema::dropIfExists('accounts'); }\n"
            "};\n"
        ),
    }
    table = real(tmp_path, files, "Account")
    email, about, plan = (table.column(n) for n in ("email", "about", "plan_id"))
    assert email is not None
    assert email.unique
    assert not email.nullable
    assert about is not None
    assert about.nullable
    assert plan is not None
    assert plan.references == "plan"
    assert plan.on_delete == "CASCADE"


def test_a_migration_of_ecto_makes_columns_and_unique_indexes(tmp_path: Path) -> None:
    files = {
        "mix.exs": 'defmodule Shop.MixProject do\n  use Mix.Project\n  defp deps, do: [{:ecto_sql, "~> 3.10"}]\nend\n',
        "priv/repo/migrations/20240101000000_create_accounts.exs": (
            "defmodule Shop.Repo.Migrations.CreateAccounts do\n"
            "  use Ecto.Migration\n"
            "  def change do\n"
            "    create table(:accounts) do\n"
            "      add :email, :string, null: false\n"
            "      add :plan_id, references(:plans, on_delete: :delete_all)\n"
            "      timestamps()\n"
            "    end\n"
            "    create unique_index(:accounts, [:email])\n"
            "  end\n"
            "end\n"
        ),
    }
    table = real(tmp_path, files, "accounts")
    email, plan = table.column("email"), table.column("plan_id")
    assert email is not None
    assert not email.nullable
    assert table.unique_over("email") is not None
    assert plan is not None
    assert plan.references == "plans"
    assert plan.nullable
    assert table.column("inserted_at") is not None


def test_a_migration_of_entity_framework_is_read_with_its_constraints(tmp_path: Path) -> None:
    files = {
        "Shop.csproj": (
            '<Project Sdk="Microsoft.NET.Sdk.Web"><ItemGroup>'
            '<PackageReference Include="Microsoft.EntityFrameworkCore" Version="8.0.0" /></ItemGroup></Project>\n'
        ),
        "Migrations/20240101000000_Initial.cs": (
            "using Microsoft.EntityFrameworkCore.Migrations;\n"
            "public partial class Initial : Migration\n"
            "{\n"
            "    protected override void Up(MigrationBuilder migrationBuilder)\n"
            "    {\n"
            "        migrationBuilder.CreateTable(\n"
            '            name: "Accounts",\n'
            "            columns: table => new\n"
            "            {\n"
            "                Id = table.Column<int>(nullable: false),\n"
            '                Email = table.Column<string>(type: "text", nullable: true),\n'
            "                PlanId = table.Column<int>(nullable: false)\n"
            "            },\n"
            "            constraints: table =>\n"
            "            {\n"
            '                table.PrimaryKey("PK_Accounts", x => x.Id);\n'
            '                table.ForeignKey(name: "FK", column: x => x.PlanId, principalTable: "Plans", principalColumn: "Id");\n'
            "            });\n"
            '        migrationBuilder.CreateIndex(name: "IX_Email", table: "Accounts", column: "Email", unique: true);\n'
            "    }\n"
            "    protected override void Down(MigrationBuilder migrationBuilder)\n"
            "    {\n"
            '        migrationBuilder.DropTable(name: "Accounts");\n'
            "    }\n"
            "}\n"
        ),
    }
    table = real(tmp_path, files, "Accounts")
    key, email, plan = (table.column(n) for n in ("Id", "Email", "PlanId"))
    assert key is not None
    assert key.primary
    assert email is not None
    assert email.nullable
    assert email.line == 11
    assert table.unique_over("Email") is not None
    assert plan is not None
    assert plan.references == "Plans"
    assert not plan.nullable


def test_the_tags_of_a_gorm_struct_say_what_a_column_keeps(tmp_path: Path) -> None:
    files = {
        "go.mod": "module shop\nrequire gorm.io/gorm v1.25.0\n",
        "model.go": (
            "package main\n"
            'import "gorm.io/gorm"\n'
            "type Plan struct {\n"
            "  gorm.Model\n"
            "  Title string\n"
            "  Accounts []Account\n"
            "}\n"
            "type Account struct {\n"
            '  ID uint `gorm:"primaryKey"`\n'
            '  Email string `gorm:"uniqueIndex;not null"`\n'
            '  Region string `gorm:"uniqueIndex:ix_place"`\n'
            '  Code string `gorm:"uniqueIndex:ix_place"`\n'
            "  PlanID uint\n"
            "}\n"
        ),
    }
    table = real(tmp_path, files, "Account")
    email, region, plan = (table.column(n) for n in ("email", "region", "plan_id"))
    assert email is not None
    assert email.unique
    assert not email.nullable
    assert region is not None
    assert not region.unique
    assert region.nullable
    assert [i.columns for i in table.indexes if i.unique] == [("Region", "Code")]
    assert plan is not None
    assert plan.references == "Plan"


def test_the_annotations_of_an_entity_say_what_a_column_keeps(tmp_path: Path) -> None:
    files = {
        "pom.xml": "<project></project>",
        "src/main/java/shop/Account.java": (
            "package shop;\n"
            "import jakarta.persistence.*;\n"
            "@Entity\n"
            '@Table(name = "accounts", uniqueConstraints = @UniqueConstraint(columnNames = {"email"}))\n'
            "class Account {\n"
            "  @Id\n"
            "  private Long id;\n"
            "  @Column(nullable = false)\n"
            "  private String email;\n"
            "  private int logins;\n"
            "  @ManyToOne\n"
            '  @JoinColumn(name = "plan_id")\n'
            "  private Plan plan;\n"
            '  @OneToMany(mappedBy = "account")\n'
            "  private List<Visit> visits;\n"
            "}\n"
        ),
    }
    table = real(tmp_path, files, "Account")
    email, plan, logins = (table.column(n) for n in ("email", "plan_id", "logins"))
    assert table.name == "accounts"
    assert email is not None
    assert not email.nullable
    assert table.unique_over("email") is not None
    assert plan is not None
    assert plan.references == "Plan"
    assert plan.nullable
    assert logins is not None
    assert not logins.nullable
    assert table.column("visits") is None


def test_a_rule_over_two_columns_keeps_neither_unique(tmp_path: Path) -> None:
    files = {
        "src/main/resources/db/migration/V1__accounts.sql": (
            "CREATE TABLE accounts (id bigint PRIMARY KEY, email text NOT NULL, handle text NOT NULL, tenant_id bigint,\n"
            "  UNIQUE (email, handle), UNIQUE (tenant_id, handle));\n"
        ),
    }
    table = real(tmp_path, files, "accounts")
    assert table.unique_over("email") is None
    assert table.unique_over("handle") is not None
