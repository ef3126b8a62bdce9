"""What the operations behind the Python cards must keep: tables, view classes, decorators, stand-ins, documents."""

from __future__ import annotations

from tests.rules.small_repository import tracer_of

from backend_readiness.graph.routes.openapi import MAX_DEPTH

FLASK = "from flask import Flask\napp = Flask(__name__)\n"
DJANGO_MODELS = "from django.db import models\nclass Order(models.Model): ...\n"


def endpoints(files: dict[str, str]) -> set[str]:
    return {str(b.route.endpoint) for b in tracer_of(files).routes}


def test_tables_that_include_each_other_end() -> None:
    files = {
        "a/urls.py": "from django.urls import include, path\nurlpatterns = [path('a/', include('b.urls')), path('x/', print)]\n",
        "b/urls.py": "from django.urls import include, path\nurlpatterns = [path('b/', include('a.urls'))]\n",
        "settings.py": "ROOT_URLCONF = 'a.urls'\n",
    }
    assert "ANY /x/" in endpoints(files)
    assert len(endpoints(files)) < 20


def test_a_table_that_no_setting_reaches_is_left_out() -> None:
    files = {
        "settings.py": "ROOT_URLCONF = 'a.urls'\n",
        "a/urls.py": "from django.urls import path\nurlpatterns = [path('x/', print)]\n",
        "b/urls.py": "from django.urls import path\nurlpatterns = [path('y/', print)]\n",
    }
    assert endpoints(files) == {"ANY /x/"}


def test_without_a_setting_every_table_counts() -> None:
    files = {"b/urls.py": "from django.urls import path\nurlpatterns = [path('y/', print)]\n"}
    assert endpoints(files) == {"ANY /y/"}


def test_a_document_that_nests_too_deep_gives_no_route() -> None:
    deep = "paths:\n  /x:\n    get: " + "[" * (MAX_DEPTH + 10_000)
    files = {"app.py": "import connexion\napp = connexion.App(__name__)\napp.add_api('api.yml')\n", "api.yml": deep}
    assert endpoints(files) == set()


def test_an_operation_whose_function_is_not_there_has_no_handler() -> None:
    files = {
        "app.py": "import connexion\napp = connexion.App(__name__)\napp.add_api('api.yml')\n",
        "api.yml": "paths:\n  /x:\n    get:\n      operationId: nowhere.find\n",
    }
    (route,) = tracer_of(files).routes
    assert route.route.handler is None


def test_a_decorator_of_an_unknown_package_is_no_guard() -> None:
    files = {
        "app.py": "from flask import Flask\nfrom nowhere import shiny\napp = Flask(__name__)\n@app.get('/x')\n@shiny\ndef x(): ...\n",
    }
    (route,) = tracer_of(files).routes
    assert route.route.middleware == ()


def test_guards_of_a_class_come_before_those_of_its_method() -> None:
    files = {
        "urls.py": "from django.urls import path\nfrom views import V\nurlpatterns = [path('v/', V.as_view())]\n",
        "views.py": (
            "from django.contrib.auth.decorators import login_required, permission_required\n"
            "from django.utils.decorators import method_decorator\n"
            "from django.views import View\n"
            "@method_decorator(login_required, name='dispatch')\n"
            "class V(View):\n"
            "    @method_decorator(permission_required('x'))\n"
            "    def get(self, request): ...\n"
        ),
    }
    (route,) = tracer_of(files).routes
    names = [m.symbol.rpartition(".")[2] for m in route.route.middleware]
    assert names == ["login_required", "permission_required"]


def test_an_inherited_method_is_followed_for_each_class_it_is_called_on() -> None:
    files = {
        "app.py": (
            "from flask import Flask\nfrom flask_sqlalchemy import SQLAlchemy\n"
            "app = Flask(__name__)\ndb = SQLAlchemy(app)\n"
            "class Saved:\n    def save(self):\n        db.session.add(self)\n"
            "class A(Saved, db.Model): ...\nclass B(Saved, db.Model): ...\n"
            "@app.post('/x')\ndef x():\n    A().save()\n    B().save()\n"
        ),
    }
    _, chains = tracer_of(files).start("POST /x")
    assert [link.target for link in chains[0].chain.links if link.operation == "write"] == ["A", "B"]


def test_a_form_whose_meta_names_itself_ends() -> None:
    files = {
        "app.py": (
            "from flask import Flask\nfrom django import forms\napp = Flask(__name__)\n"
            "class F(forms.ModelForm):\n    class Meta:\n        model = F\n"
            "@app.post('/x')\ndef x():\n    F().save()\n"
        ),
    }
    _, chains = tracer_of(files).start("POST /x")
    assert [link.target for link in chains[0].chain.links if link.operation == "write"] == ["F"]


def test_a_view_class_without_a_known_base_is_no_route_of_its_methods() -> None:
    files = {
        "urls.py": "from django.urls import path\nfrom views import Plain\nurlpatterns = [path('v/', Plain)]\n",
        "views.py": "class Plain:\n    def get(self, request): ...\n    def post(self, request): ...\n",
    }
    assert endpoints(files) == {"ANY /v/"}


def test_the_reverse_relation_names_what_is_touched() -> None:
    files = {
        "models.py": DJANGO_MODELS,
        "urls.py": "from django.urls import path\nfrom views import v\nurlpatterns = [path('v/', v)]\n",
        "views.py": (
            "from django.shortcuts import get_object_or_404\nfrom models import Order\n"
            "def v(request):\n    order = get_object_or_404(Order, pk=1)\n    order.notes.create(text='x')\n"
        ),
    }
    _, chains = tracer_of(files).start("ANY /v/")
    assert [(link.operation, link.target) for link in chains[0].chain.links if link.operation] == [("read", "Order"), ("write", "notes")]


def test_a_view_whose_base_no_card_knows_answers_with_its_own_methods() -> None:
    files = {
        "urls.py": "from django.urls import path\nfrom views import Login\nurlpatterns = [path('login/', Login.as_view())]\n",
        "views.py": "from somewhere.views import TokenView\nclass Login(TokenView):\n    def post(self, request): ...\n",
    }
    assert endpoints(files) == {"POST /login/"}


def test_guards_listed_in_an_annotated_field_of_a_mixin_are_found() -> None:
    files = {
        "urls.py": "from django.urls import path\nfrom views import Me\nurlpatterns = [path('me/', Me.as_view())]\n",
        "views.py": (
            "from typing import Sequence\nfrom rest_framework.permissions import IsAuthenticated\n"
            "from rest_framework.views import APIView\n"
            "class Guarded:\n    permission_classes: Sequence[type] = (IsAuthenticated,)\n"
            "class Me(Guarded, APIView):\n    def get(self, request): ...\n"
        ),
    }
    (route,) = tracer_of(files).routes
    assert [m.symbol for m in route.route.middleware] == ["rest_framework.permissions.IsAuthenticated"]


def test_the_outermost_package_is_meant_by_its_name_and_not_a_module_of_that_name_inside() -> None:
    files = {
        "shop/__init__.py": "",
        "shop/orders.py": "import os\ndef place():\n    os.remove('x')\n",
        "shop/web/__init__.py": "",
        "shop/web/shop.py": "def shop(): ...\n",
        "shop/web/pages.py": FLASK + "from shop import orders\n@app.post('/orders')\ndef new():\n    orders.place()\n",
    }
    _, (chain, *_) = tracer_of(files).start("POST /orders")
    assert "place" in [link.symbol for link in chain.chain.links]


def test_a_module_beside_a_script_is_meant_where_no_package_around_has_its_name() -> None:
    files = {
        "tools/__init__.py": "",
        "tools/web/__init__.py": "",
        "tools/web/shop.py": "import os\ndef place():\n    os.remove('x')\n",
        "tools/web/pages.py": FLASK + "import shop\n@app.post('/orders')\ndef new():\n    shop.place()\n",
    }
    _, (chain, *_) = tracer_of(files).start("POST /orders")
    assert "place" in [link.symbol for link in chain.chain.links]


def test_a_method_that_is_called_on_its_class_takes_the_instance_first() -> None:
    files = {
        "app.py": FLASK + "import os\nfrom shop import Order\n@app.post('/orders')\ndef new():\n    Order.keep(Order(), os)\n",
        "shop.py": "class Order:\n    def keep(self, system):\n        system.remove('x')\n        self.log(system)\n"
        "    def log(self, system):\n        system.unlink('y')\n",
    }
    _, (chain, *_) = tracer_of(files).start("POST /orders")
    assert [link.symbol for link in chain.chain.links if link.stage == "data"] == ["os.remove", "os.unlink"]
