"""Dates: what a repository says of its own and does not keep. Each fault comes alone, then with tokens that die after
three pages, so that only a harvester that copes with it gets everything."""
import dataclasses
import re

from fault_case import Case, dying_after, honest, text
from fault_repository import DAYS, EARLIEST, OaiError, Repository, honest_dates, ordinary


def both(name, what, alter=honest, **fields):
    """The fault alone, and with windows needed."""
    def alter_and_die(ask, answer):
        return alter(ask, dying_after(3)(ask, answer))
    return [Case(name, what, Repository(**fields), alter),
            Case(f"{name}-and-dying-tokens", f"{what[:-1]}; and no list goes further than three pages.",
                 Repository(**fields), alter_and_die)]


def days_only(repository, position):
    if "T" in position.since + position.until:
        raise OaiError("badArgument", "Dates are given as days.")
    return honest_dates(repository, position)


def exclusive(repository, position):
    return [record for record in honest_dates(repository, position)
            if not position.until or record.datestamp < position.until]


def ignored(repository, position):
    return repository.records


def refused(repository, position):
    if position.since or position.until:
        raise OaiError("badArgument", "Selective harvesting is not supported.")
    return repository.records


def nothing_before_earliest(repository, position):
    if position.since and position.since[:10] < EARLIEST[:10]:
        raise OaiError("badArgument", "from is earlier than earliestDatestamp.")
    return honest_dates(repository, position)


def needs_both(repository, position):
    if bool(position.since) != bool(position.until):
        raise OaiError("badArgument", "from and until must be given together.")
    return honest_dates(repository, position)


def midnight_until(repository, position):
    """A day as `until` means the beginning of that day."""
    if len(position.until) == 10:
        position = position._replace(until=position.until + "T00:00:00Z",
                                     since=position.since + "T00:00:00Z" if position.since else "")
    return honest_dates(repository, position)


def in_days():
    return [dataclasses.replace(record, datestamp=record.datestamp[:10]) for record in ordinary()]


def shuffled():
    """Neither by date nor by identifier, and the same every time."""
    return [record for _, record in sorted(enumerate(ordinary()), key=lambda pair: pair[0] * 17 % 40)]


def over_years():
    """In bursts of four a day, from the last day of 1999 to a 29 February, with years between."""
    days = ("1999-12-31", "2003-01-29", "2003-03-01", "2008-02-29", "2012-10-31", "2016-02-29", "2020-01-31", "2021-07-04",
            "2024-01-31", "2024-02-29")
    return [dataclasses.replace(record, datestamp=days[number // 4] + record.datestamp[10:])
            for number, record in enumerate(ordinary())]


def shown_as(pattern, new):
    return text(lambda xml: re.sub(rf"(?<=<datestamp>){pattern}(?=</datestamp>)", new, xml))


def lost_without_windows(name, what, dates):
    """Only the first three pages can ever be had, and nobody can tell what is behind them."""
    records = [dataclasses.replace(record, unlisted=number > 15) for number, record in enumerate(ordinary(), 1)]
    return Case(name, what, Repository(records, dates=dates), dying_after(3), end="missing", nameless=True)


CASES = [
    *both("granularity-odd", "The granularity is `YYYY-MM-DDThh:mm:ss.sTZD`.", granularity="YYYY-MM-DDThh:mm:ss.sTZD"),
    *both("granularity-missing", "Identify has no granularity.", granularity=None),
    *both("granularity-untrue", "The granularity says seconds, a date with a time is badArgument (oai-pmh-rs).",
          dates=days_only),
    *both("granularity-days", "The granularity is days, and times are refused.", granularity=DAYS, records=in_days(),
          earliest=EARLIEST[:10]),
    *both("granularity-says-days", "The granularity says days, the datestamps have seconds.", granularity=DAYS),
    *both("earliest-empty", "earliestDatestamp is empty.", earliest=""),
    *both("earliest-too-late", "earliestDatestamp is later than most records.", earliest="2024-02-02T00:00:00Z"),
    *both("earliest-malformed", "earliestDatestamp is no date.", earliest="0000-00-00 00:00:00"),
    *both("from-before-earliest-refused", "A from before earliestDatestamp is badArgument.", dates=nothing_before_earliest),
    *both("datestamps-with-fractions", "Datestamps have fractions of seconds.", shown_as("([^<]*)Z", r"\1.137Z")),
    *both("datestamps-with-offsets", "Datestamps have an offset instead of Z.", shown_as("([^<]*)Z", r"\1+00:00")),
    *both("datestamps-without-zone", "Datestamps have neither T nor Z.",
          shown_as("([^<]*)T([^<]*)Z", r"\1 \2")),
    *both("until-exclusive", "until is taken as exclusive.", dates=exclusive),
    *both("until-day-is-midnight", "A day as until ends at its beginning (ArchivesSpace).", dates=midnight_until),
    *both("dates-in-pairs", "from without until is badArgument, and the other way round.", dates=needs_both),
    *both("pages-in-any-order", "Records come in no order of date or identifier.", records=shuffled()),
    *both("records-over-many-years", "Records are years apart, on the last days of months and on a 29 February.",
          records=over_years(), earliest="1999-12-31T00:00:00Z"),
    Case("dates-ignored", "from and until are ignored.", Repository(dates=ignored)),
    Case("dates-refused", "from and until are badArgument.", Repository(dates=refused)),
    lost_without_windows("dates-ignored-and-dying-tokens", "from and until are ignored, and no list goes further than three "
                         "pages.", ignored),
    lost_without_windows("dates-refused-and-dying-tokens", "from and until are badArgument, and no list goes further than "
                         "three pages.", refused),
    Case("one-second-and-dying-tokens", "All records have one datestamp and no list goes further than three pages; a list "
         "of identifiers fits on one.", Repository([dataclasses.replace(record, datestamp=EARLIEST) for record in ordinary()],
                                                   headers_page_size=100), dying_after(3)),
]
