"""The exception tree.

ReadinessError                what a user can mend; one line that says what and what to do
├── UnusableInput             exit 2: no such repository, unreadable file, bad argument
│   ├── NotARepository
│   ├── UnknownFlow           names the nearest flows
│   ├── UnknownControl        names the nearest controls
│   └── UnknownStart          a trace start that names nothing in the repository
├── BadCard                   a card of the rules that does not hold its schema
├── InvalidReport             a report that does not fit the schema
└── BudgetExceeded            exit 3: a limit ended the work early
"""

from __future__ import annotations


class ReadinessError(Exception):
    """Base of every error that is shown to a user without a traceback."""


class UnusableInput(ReadinessError):
    """Arguments or input that cannot be worked with; the message says what to do."""


class NotARepository(UnusableInput):
    """The path is not a readable folder."""


class UnknownFlow(UnusableInput):
    """No flow of that name; the message lists the nearest ones."""


class UnknownControl(UnusableInput):
    """No control or layer of that name; the message lists the nearest ones."""


class UnknownStart(UnusableInput):
    """A trace start that names nothing in the repository."""


class BadCard(ReadinessError):
    """A card under `rules/` that does not fit its schema."""


class InvalidReport(ReadinessError):
    """A report file that is no JSON or does not fit the schema."""


class BudgetExceeded(ReadinessError):
    """A time or size budget ended the work; what was done so far is kept and marked partial."""
