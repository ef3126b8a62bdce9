"""How long something lives, as source of any language writes it: `AddHours(2)`, `time.Hour * 24`, `2.weeks`, `EXPIRY_MS = 3600000`."""

from __future__ import annotations

import re

from backend_readiness.controls.callees import backend_files
from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.setting_files import annotation_of, setting_at, settings_named

UNITS = {"s": 1 / 3600, "m": 1 / 60, "h": 1.0, "d": 24.0, "w": 168.0, "M": 730.0, "y": 8760.0}
_UNIT = r"(?P<unit>seconds?|secs?|minutes?|mins?|hours?|days?|weeks?|months?|years?)"
_N = r"(?P<n>\d[\d_]*(?:\s*\*\s*\d[\d_]*)*)"
_WRITTEN = tuple(
    re.compile(p, re.IGNORECASE)
    for p in (
        rf"\b(?:add|plus|from|of|try_|minus)_?{_UNIT}\(\s*{_N}\s*[lL]?(?:\.0)?\s*\)",  # AddHours(2), plusMinutes(15), Duration.ofDays(7)
        rf"\bDuration::(?:try_)?(?:from_)?{_UNIT}\(\s*{_N}\s*\)",  # chrono, std::time
        rf"\badd{_UNIT}\([^,;\n]{{1,60}},\s*{_N}\s*\)",  # addDays(new Date(), 7)
        rf"\.add\(\s*{_N}\s*,\s*[\"']{_UNIT}[\"']\s*\)",  # dayjs().add(7, "days")
        rf"\b{_N}\s*\*\s*time\.{_UNIT}\b",  # Go
        rf"\btime\.{_UNIT}\s*\*\s*{_N}\b",
        rf"\b{_N}\.{_UNIT}\b",  # Ruby, Kotlin
        rf"[\"']\+?\s*{_N}\s*{_UNIT}[\"']",  # PHP's `+2 hours`
        rf"\bTimeUnit\.{_UNIT}\.to\w+\(\s*{_N}\s*\)",
        rf"\btimedelta\(\s*{_UNIT}\s*=\s*{_N}\s*\)",
        rf"{_N}\s*,\s*(?:ChronoUnit|TimeUnit|DateTimeUnit)\.{_UNIT}",
    )
)
_DATE = re.compile(r"\bAddDate\(\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\)")
# A date that is moved on: `exp.setDate(today.getDate() + 60)`.
MOVED = re.compile(
    r"\.set(?:UTC)?(?P<unit>Date|Hours|Minutes|Seconds|Month|FullYear)\([\w.]{0,60}\.get\w{1,20}\(\)\s*\+\s*(?P<n>\d{1,9})\b"
)
_MOVED_BY = {"Date": 24.0, "Hours": 1.0, "Minutes": 1 / 60, "Seconds": 1 / 3600, "Month": 730.0, "FullYear": 8760.0}
_SUM = re.compile(r"(?:time\(\)|now(?:\(\))?|now\(\)\s*/\s*1000\s*\)?|getTime\(\)|currentTimeMillis\(\)|epochSecond|timestamp\(\)|Time\.now\.to_i|iat)\s*\+\s*\(?\s*(?P<n>\d[\d_]*L?(?:\s*\*\s*\d[\d_]*L?)*)")  # fmt: skip  # noqa: E501
_NAMED = re.compile(
    r"(?i)\b(\w*(?:expir|expiry|life_?time|ttl|valid(?:ity|_?for)|max_?age|duration|timeout|session_?time|_exp\b|exp_)\w*)\b"
)
_ARITHMETIC = re.compile(r"^\(?\s*\d[\d_]*[lL]?(?:\s*\*\s*\d[\d_]*[lL]?)*\s*\)?$")
_ASSIGNED = r"\b%s\b[\"']?\s*(?::\s*[\w<>&' ]{1,20}\s*|\{[\w\s;]{3,40}\}\s*)?(?:=>|:=|=|:)\s*(?P<value>[^;,#\n]{1,80})"
_HANDED = re.compile(r"^[\w.$>()-]{0,60}?\b(\w+)\)?$")
_MAX_NAMES = 12
# Names that settings of anything may have, and keys that speak of tokens.
_ANY = frozenset({"ttl", "duration", "expiry", "expires", "expiration", "timeout", "lifetime", "maxage", "max_age"})
_OF_TOKENS = re.compile(r"jwt|token|auth|session|secur")


def written_hours(text: str) -> float | None:
    """The longest duration that is written out in the text, in hours; None when none is."""
    found: list[float] = []
    for pattern in _WRITTEN:
        for match in pattern.finditer(text[:20_000]):
            unit = match.group("unit").lower()
            found.append(_product(match.group("n")) * UNITS["M" if unit.startswith("mo") else unit[0]])
    for match in _DATE.finditer(text[:20_000]):
        years, months, days = (int(g) for g in match.groups())
        found.append(years * 8760.0 + months * 730.0 + days * 24.0)
    for match in MOVED.finditer(text[:20_000]):
        found.append(int(match.group("n")) * _MOVED_BY[match.group("unit")])
    for match in _SUM.finditer(text[:20_000]):
        found.append(_of_number(_product(match.group("n")), match.group(0)))
    return max(found, default=None)


def named_hours(context: Context, text: str) -> float | None:
    """The duration that a name in the text stands for, by a constant of the backend or a settings file; None when unknown."""
    names = list(dict.fromkeys(_NAMED.findall(text[:20_000])))[:_MAX_NAMES]
    for name in names:  # grows by the names that are handed on: `Tokens(minutes_valid=settings.jwt_minutes_valid)`
        plain = re.sub(r"^(get|set|with)_?(?=[A-Z_])", "", name)
        for setting in settings_named(context, plain)[:3]:
            if plain.lower() in _ANY and _OF_TOKENS.search(".".join(setting.path[:-1])) is None:
                continue  # the `ttl` of a cache
            hours = _hours_of(setting.literal, plain)
            if hours is not None:
                return hours
        if len(plain) < 4:
            continue
        anywhere = re.search(r"[A-Z_]", plain[1:]) is not None
        pattern = re.compile(_ASSIGNED % re.escape(name))
        for file in backend_files(context):
            if name not in context.graph.facts.files[file].names:
                continue
            if not anywhere and not _is_of_options(text, name, file):
                continue
            text_of_file = context.snapshot.text(file)[:200_000]
            if (hours := _annotated(context, text_of_file, name)) is not None:
                return hours
            for match in pattern.finditer(text_of_file):
                value = match.group("value").strip()
                hours = _hours_of(value, name)
                if hours is not None:
                    return hours
                handed = _HANDED.match(value)
                if handed is not None and len(names) < _MAX_NAMES and handed[1] not in names and _NAMED.fullmatch(handed[1]):
                    names.append(handed[1])
    return None


def _is_of_options(text: str, name: str, file: str) -> bool:
    """A name that anything may have: is it read of an object for tokens, whose class the file declares (`_jwtOptions.Expiration`)?"""
    read = re.search(rf"(?i)(?:{_OF_TOKENS.pattern})\w*\.{re.escape(name)}\b", text[:20_000]) is not None
    return read and _OF_TOKENS.search(file.rpartition("/")[2].lower()) is not None


def _annotated(context: Context, text: str, name: str) -> float | None:
    """What the annotation of a field or parameter gives it: the setting that it names, else the default that it writes."""
    found = annotation_of(text, name) if "@" in text else None
    if found is None or "." not in found.group("key"):
        return None
    setting = setting_at(context, found.group("key"))
    return _hours_of(setting.literal if setting is not None else found.group("default") or "", name)


def _hours_of(value: str, name: str) -> float | None:
    if (written := written_hours(value)) is not None:
        return written
    with_unit = re.fullmatch(r"[\"']?(\d+)\s*(ms|s|m|h|d|w)[\"']?", value)
    if with_unit is not None:
        unit = with_unit.group(2)
        return int(with_unit.group(1)) / 3_600_000 if unit == "ms" else int(with_unit.group(1)) * UNITS[unit]
    bare = value.strip("\"'() ")
    return _of_number(_product(bare), name) if _ARITHMETIC.match(bare) else None


def _of_number(number: float, name: str) -> float:
    """A bare number: in the unit that its name says, else in milliseconds or seconds by its size."""
    if re.search(r"(?i)ms$|milli|inms|getTime|currentTimeMillis", name):
        return number / 3_600_000
    for pattern, unit in (("min", "m"), ("hour|hrs?$", "h"), ("day", "d"), ("sec", "s")):
        if re.search(rf"(?i){pattern}", name):
            return number * UNITS[unit]
    return number / 3_600_000 if number >= 50_000_000 else number / 3600


def _product(text: str) -> float:
    total = 1.0
    for part in re.findall(r"\d[\d_]*", text)[:8]:
        total *= float(part[:15].replace("_", ""))
    return total
