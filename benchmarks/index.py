"""How long a snapshot and the facts of a repository take: cold, warm, and after one changed file.

    python benchmarks/index.py                           25 MB of generated source in 5,000 files
    python benchmarks/index.py --mebibytes 5 --files 800
    python benchmarks/index.py --repository ../some/repository

Prints JSON. Every figure comes from a process of its own, so that imports count and nothing is left over from the one before.
`cpu_s` is the processor time of all processes, which a busy machine stretches less than the clock's. `peak_mib` is an upper
bound: this process's peak, and that of the largest worker times their number.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

SERVER = Path(__file__).resolve().parents[1] / "server"
NOUNS = ("order", "cart", "user", "invoice", "payment", "product", "session", "coupon", "address", "shipment", "review", "refund")
VERBS = ("create", "load", "update", "remove", "list", "check", "send", "charge", "cancel", "export")


def python_part(pick: random.Random, number: int) -> str:
    verb, noun, other = pick.choice(VERBS), pick.choice(NOUNS), pick.choice(NOUNS)
    return f'''
@router.post("/{noun}s/{{{noun}_id}}/{verb}{number}", response_model={noun.title()}Out)
async def {verb}_{noun}_{number}(
    {noun}_id: int, body: {noun.title()}In, db: Session = Depends(get_db), user: User = Depends(current_user)
):
    """Someone wants to {verb} one {noun}."""
    if not user.may("{verb}", {noun}_id):
        raise HTTPException(status_code=403, detail=f"user {{user.id}} may not {verb} {noun} {{{noun}_id}}")
    {other} = db.query({other.title()}).filter({other.title()}.id == body.{other}_id, {other.title()}.owner_id == user.id).one_or_none()
    try:
        result = await {noun}_service.{verb}({noun}_id, {other}={other}, amount=body.amount * {number} + 1)
        result.tags = [tag.lower() for tag in body.tags]
        db.add(AuditEntry(kind="{noun}.{verb}", subject={noun}_id, by=user.id))
        db.commit()
    except ServiceError as error:
        logger.warning("{verb} failed for %s: %s", {noun}_id, error)
        db.rollback()
        raise
    return {{"id": {noun}_id, "result": result, "total": sum(line.price * line.count for line in result.lines)}}
'''


def typescript_part(pick: random.Random, number: int) -> str:
    verb, noun, other = pick.choice(VERBS), pick.choice(NOUNS), pick.choice(NOUNS)
    name = f"{verb.title()}{noun.title()}{number}"
    return f"""
export interface {name}Props {{ {noun}Id: number; on{other.title()}?: (value: {other.title()}) => void }}

export function {name}({{ {noun}Id, on{other.title()} }}: {name}Props) {{
  const [{other}, set{other.title()}] = useState<{other.title()} | null>(null)
  const mutation = useMutation({{
    mutationFn: (input: {noun.title()}Input) =>
      client.post(`/{noun}s/${{{noun}Id}}/{verb}{number}`, {{ ...input, {other}Id: {other}?.id }}),
    onSuccess: async (response) => {{
      await queryClient.invalidateQueries({{ queryKey: ["{noun}", {noun}Id] }})
      on{other.title()}?.(response.data)
    }},
  }})
  const submit = (event: FormEvent) => {{ event.preventDefault(); if ({other}) mutation.mutate({{ amount: {other}.amount + {number} }}) }}
  return (
    <form onSubmit={{submit}} className="{noun}-form">
      <input name="{other}" value={{{other}?.name ?? ""}} onChange={{(e) => set{other.title()}({{ ...{other}!, name: e.target.value }})}} />
      <button type="submit" disabled={{mutation.isPending}}>{verb} the {noun}</button>
    </form>
  )
}}
"""


def html_part(pick: random.Random, number: int) -> str:
    verb, noun = pick.choice(VERBS), pick.choice(NOUNS)
    return f"""
<section id="{noun}-{number}" class="card">
  <form action="/{noun}s/{{{{ {noun}.id }}}}/{verb}" method="post">{{% csrf_token %}}
    {{% for line in {noun}.lines %}}<label>{{{{ line.name|title }}}}
      <input name="line-{{{{ line.id }}}}" value="{{{{ line.count }}}}"></label>{{% endfor %}}
    <button onclick="{verb}{noun.title()}({number})">{verb.title()}</button>
  </form>
</section>
"""


PARTS: dict[str, Callable[[random.Random, int], str]] = {"py": python_part, "tsx": typescript_part, "html": html_part}


def generate(root: Path, *, total_bytes: int, files: int, seed: int) -> None:
    """Write a git repository of about that size. The same arguments give the same bytes."""
    pick = random.Random(seed)
    shares = [pick.lognormvariate(0, 1) for _ in range(files)]
    for number, share in enumerate(shares):
        suffix = pick.choices(list(PARTS), weights=(9, 9, 2))[0]
        wanted = max(300, int(total_bytes * share / sum(shares)))
        text = "from app import *\n" if suffix == "py" else ""
        while len(text) < wanted:
            text += PARTS[suffix](pick, pick.randrange(100_000))
        path = root / f"app{number % 10}" / f"{pick.choice(NOUNS)}s" / f"part{number}.{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for arguments in (
        ["init", "--quiet"],
        ["add", "--all"],
        ["-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "--quiet", "-m", "x"],
    ):
        subprocess.run(["git", *arguments], cwd=root, check=True, stdout=subprocess.DEVNULL)


def measure(root: Path, cache: Path) -> dict[str, float]:
    """One run in this process."""
    started = time.perf_counter()
    sys.path.insert(0, str(SERVER))
    from backend_readiness.facts.store import collect, processors
    from backend_readiness.snapshot import take

    imported = time.perf_counter()
    snapshot = take(root)
    taken = time.perf_counter()
    facts = collect(snapshot, cache_dir=cache)
    collected = time.perf_counter()
    facts.naming("order")
    named = time.perf_counter()
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    own, workers = usages[0].ru_maxrss, usages[1].ru_maxrss * processors()
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return {
        "files": len(snapshot.files),
        "source_bytes": sum(file.size for file in snapshot.files),
        "indexed": len(facts.files),
        "skipped": len(snapshot.skipped) + len(facts.skipped),
        "import_s": round(imported - started, 3),
        "snapshot_s": round(taken - imported, 3),
        "facts_s": round(collected - taken, 3),
        "names_s": round(named - collected, 3),
        "cpu_s": round(sum(usage.ru_utime + usage.ru_stime for usage in usages), 3),
        "peak_mib": round((own + workers) / unit, 1),
    }


def measured_apart(root: Path, cache: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--measure", str(root), str(cache)]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the index of a repository.")
    parser.add_argument("--mebibytes", type=float, default=25.0)
    parser.add_argument("--files", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repository", type=Path, help="measure this one; nothing is generated and no file is changed")
    parser.add_argument("--measure", nargs=2, type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measure(*arguments.measure)))
        return
    with tempfile.TemporaryDirectory() as folder:
        root, cache = arguments.repository, Path(folder) / "cache"
        if root is None:
            root = Path(folder) / "repository"
            root.mkdir()
            generate(root, total_bytes=int(arguments.mebibytes * (1 << 20)), files=arguments.files, seed=arguments.seed)
        found: dict[str, object] = {"cold": measured_apart(root, cache), "warm": measured_apart(root, cache)}
        if arguments.repository is None:
            changed = next(root.glob("app0/**/*.py"))
            changed.write_text(changed.read_text(encoding="utf-8") + "\nchanged = True\n", encoding="utf-8")
            found["one_changed"] = measured_apart(root, cache)
        found["cache_mib"] = round(sum(path.stat().st_size for path in cache.iterdir()) / (1 << 20), 1)
        print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
