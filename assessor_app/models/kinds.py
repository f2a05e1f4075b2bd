"""The registry of kinds: every record and field, its wire name, type, merge rule, scope and whether it is personal.

ORM, protocol, merge, digest, export and erasure are driven by this table or tested against it. Wire names are permanent:
a name is never reused and never changes its meaning.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

#: A value as it travels: JSON without floats for money (rupiah are whole numbers).
Value = str | int | float | bool | None | list[str]
#: The largest whole number that every reader of JSON reads as it was written; databases hold it too.
MOST: Final = (1 << 53) - 1


class Merge(StrEnum):
    """What happens when two devices changed one field: see ``sync/merge.py``."""

    SCALAR = "scalar"  # one wins only by a person's choice: a difference
    TEXT = "text"  # long text, merged three-way by lines, then words
    SET = "set"  # a list of strings without order: additions and removals both hold
    NEVER = "never"  # written once, with the record


class Kind(StrEnum):
    """The kinds of record; the value is the permanent wire name."""

    ASSESSOR = "assessor"
    LETTERHEAD = "letterhead"
    NUMBERS = "numbers"
    INSTRUMENT = "instrument"
    PLAN = "plan"
    PROGRAMME = "programme"
    PROGRAMME_YEAR = "programme_year"
    ACTION = "action"
    PERSON = "person"
    VISIT = "visit"
    INTERVIEW = "interview"
    ATTACHMENT = "attachment"
    SHEET = "sheet"
    ANSWER = "answer"
    FINDING = "finding"
    DOCUMENT = "document"
    REVISION = "revision"
    DIFFERENCE = "difference"
    KEY = "key"
    PANEL = "panel"
    PANEL_REMARK = "panel_remark"
    SURVEY = "survey"
    BOOK = "book"
    MARK = "mark"
    REQUEST = "request"
    INNOVATION = "innovation"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: ``type`` is a wire type, ``personal`` marks what the erasure of a person empties."""

    name: str
    type: str = "str"  # str | int | float | bool | date | local | ref | refs
    merge: Merge = Merge.SCALAR
    personal: bool = False


@dataclass(frozen=True, slots=True)
class KindSpec:
    """One kind: its fields by name and how its scope is found (see ``scope_of``)."""

    kind: Kind
    scope: str  # catalogue | account | region | visit | sheet | person | document
    fields: tuple[Field, ...]
    natural: bool = False  # the id follows from its parents
    parents: tuple[str, ...] = ()  # the fields from which alone it follows, where the id need not travel

    def field(self, name: str) -> Field | None:
        """Return the field of that wire name, or None where a newer version knows more."""
        return _INDEX[self.kind].get(name)


def _fields(spec: str, **merges: str) -> tuple[Field, ...]:
    """Read ``name:type`` words; a leading ``*`` marks personal data, ``!`` never, ``~`` text, ``+`` set."""
    rules = {"!": Merge.NEVER, "~": Merge.TEXT, "+": Merge.SET}
    out = []
    for word in spec.split():
        personal = word.startswith("*")
        word = word.removeprefix("*")
        merge = rules.get(word[0], Merge.SCALAR)
        name, _, kind = word.lstrip("!~+").partition(":")
        out.append(Field(name, kind or ("refs" if merge is Merge.SET else "str"), merge, personal))
    return tuple(out)


_SPECS = (
    KindSpec(Kind.ASSESSOR, "catalogue", _fields(
        "name title_before title_after institution nip nidn rank")),
    KindSpec(Kind.LETTERHEAD, "account", _fields(
        "!account:ref ~lines ~address valid_from:date place number_pattern")),
    KindSpec(Kind.NUMBERS, "account", _fields(
        "!account:ref !pattern !first:int !last:int !year:int"), natural=True),
    KindSpec(Kind.INSTRUMENT, "catalogue", _fields(
        "!form_id !version !sha256 !title !year:int !cohort !publisher !official:bool !content"), natural=True),
    KindSpec(Kind.PLAN, "region", _fields(
        "!region:ref title first_year:int last_year:int ~vision ~goals ~strengths ~weaknesses ~opportunities ~threats "
        "~structure ~infrastructure ~suprastructure ~gap ~council ~team ~forum +path")),
    KindSpec(Kind.PROGRAMME, "region", _fields(
        "!region:ref !plan:ref number:int dimension sub_dimension name ~description agency pic pic_phone first_year:int "
        "last_year:int budget:int funding indicator unit target status quick_win:bool ~benefit benefit_months:int "
        "is_infrastructure !origin")),
    KindSpec(Kind.PROGRAMME_YEAR, "region", _fields(
        "!region:ref !programme:ref !year:int budget:int status target ~remark interview:ref"), natural=True,
        parents=("programme", "year")),
    KindSpec(Kind.ACTION, "region", _fields(
        "!region:ref !visit:ref number:int ~body agency person:ref due:date status ~remark answered:ref")),
    KindSpec(Kind.PERSON, "person", _fields(
        "!role !region:ref !visit:ref *name *title_before *title_after *office *agency *rank *nip *phone *occupation label "
        "consent *consent_form consent_on:date consent_purpose +consent_data consent_until:date consent_publication:bool "
        "consent_proof:ref *~remark")),
    KindSpec(Kind.VISIT, "visit", _fields(
        "!region:ref stage year:int starts_on:date ends_on:date place method lead:ref +team ~objective ~summary ~seen "
        "+officials witness copies:int")),
    KindSpec(Kind.INTERVIEW, "visit", _fields(
        "!visit:ref !author:ref *title held_at:local place *~body +persons basis +programmes +questions +tags")),
    KindSpec(Kind.ATTACHMENT, "visit", _fields(
        "!visit:ref interview:ref person:ref !type !name !media_type !size:int !sha256 !width:int !height:int "
        "*~caption taken_at:local latitude:float longitude:float number:int !seconds:int")),
    KindSpec(Kind.SHEET, "sheet", _fields(
        "!visit:ref !assessor:ref instrument:ref state ~introduction ~method previous_index:float"),
        natural=True, parents=("visit", "assessor")),
    KindSpec(Kind.ANSWER, "sheet", _fields(
        "!sheet:ref !question score ~reason +evidence"), natural=True, parents=("sheet", "question")),
    KindSpec(Kind.FINDING, "sheet", _fields(
        "!sheet:ref type dimension number:int ~body")),
    KindSpec(Kind.DOCUMENT, "document", _fields(
        "!region:ref !visit:ref !sheet:ref !type !language !paper !address !data_sha256 number title state supersedes:ref ~remark")),
    KindSpec(Kind.REVISION, "document", _fields(
        "!region:ref !visit:ref !sheet:ref !document:ref !number:int !sha256 !size:int !type !signer !made_at:int"), natural=True,
        parents=("document", "number")),
    KindSpec(Kind.DIFFERENCE, "difference", _fields(
        "!record_kind !record:ref !field !version_a !version_b !value_a !value_b !by_a !by_b !at_a:int !at_b:int "
        "chosen +settled state"), natural=True),
    KindSpec(Kind.KEY, "catalogue", _fields(
        "!assessor:ref !device !signing !recipient receiving_office"), natural=True),
    KindSpec(Kind.PANEL, "visit", _fields(
        "!visit:ref state closed_by:ref closed_at:int +members ~introduction ~method ~conclusion previous_index:float"),
        natural=True, parents=("visit",)),
    KindSpec(Kind.PANEL_REMARK, "visit", _fields(
        "!visit:ref !question ~body"), natural=True, parents=("visit", "question")),
    KindSpec(Kind.SURVEY, "visit", _fields(
        "!visit:ref !name !sha256 !sub_dimension service users:int !content")),
    KindSpec(Kind.BOOK, "region", _fields(
        "!region:ref !name !size:int !sha256 !pages:int type title number:int")),
    KindSpec(Kind.MARK, "visit", _fields(
        "!visit:ref !book:ref !page:int !quote !place ~note")),
    KindSpec(Kind.REQUEST, "visit", _fields(
        "!visit:ref !person:ref !type !received_at:int done_at:int")),
    KindSpec(Kind.INNOVATION, "catalogue", _fields(
        "!region:ref !year:int !code name dimension sub_dimension ~problem ~description ~benefit agency *contact *phone *email source"),
        natural=True),
)

#: Every kind has these besides its own: the deletion mark is a field like any other.
COMMON: Final = (Field("deleted", "bool"),)

SPECS: Final[dict[Kind, KindSpec]] = {spec.kind: spec for spec in _SPECS}
_INDEX: Final[dict[Kind, dict[str, Field]]] = {
    spec.kind: {field.name: field for field in (*spec.fields, *COMMON)} for spec in _SPECS
}


def fields_of(kind: Kind) -> tuple[Field, ...]:
    """Return the kind's own fields and the common ones, in wire order."""
    return (*SPECS[kind].fields, *COMMON)


def known(name: str) -> Kind | None:
    """Return the kind of that wire name, or None for one that only a newer version knows."""
    try:
        return Kind(name)
    except ValueError:
        return None


def default_of(field: Field) -> Value:
    """Return the value that a field has while nobody gave one; it never travels."""
    match field.type:
        case "bool":
            return False
        case "refs":
            return []
        case "int" | "float":
            return None
        case _:
            return ""


CATALOGUE: Final = "catalogue"


def account_scope(account: str) -> str:
    """Return the scope of what belongs to one account on all its devices."""
    return f"account:{account}"


def region_scope(code: str) -> str:
    """Return the scope of a region's dossier."""
    return f"region:{code}"


def visit_scope(visit: str) -> str:
    """Return the scope of a visit's notes, respondents and photos."""
    return f"visit:{visit}"


def sheet_scope(sheet: str) -> str:
    """Return the scope of one assessor's unsigned score sheet."""
    return f"sheet:{sheet}"


def scope_of(kind: Kind, record: str, values: dict[str, Value]) -> str:
    """Return the scope that a record belongs to for ever, from the values of its creation.

    Only fields that never change decide it, so a record cannot move between audiences.
    """

    def ref(name: str) -> str:
        return str(values.get(name) or "")

    match SPECS[kind].scope:
        case "catalogue":
            return CATALOGUE
        case "account":
            return account_scope(ref("account"))
        case "region":
            return region_scope(ref("region"))
        case "visit":
            return visit_scope(record if kind is Kind.VISIT else ref("visit"))
        case "sheet":
            return sheet_scope(record if kind is Kind.SHEET else ref("sheet"))
        case "person":
            return region_scope(ref("region")) if ref("role") == "official" else visit_scope(ref("visit"))
        case "document":
            if ref("sheet"):
                return sheet_scope(ref("sheet"))
            return region_scope(ref("region")) if ref("region") else visit_scope(ref("visit"))
        case _:
            return ref("scope")


class Stage(StrEnum):
    """What a visit is for."""

    BIMTEK_1 = "bimtek_1"
    BIMTEK_2 = "bimtek_2"
    BIMTEK_3 = "bimtek_3"
    BIMTEK_4 = "bimtek_4"
    EVALUATION = "evaluation"
    OTHER = "other"


class Method(StrEnum):
    """How a visit is held."""

    ON_SITE = "on_site"
    ONLINE = "online"
    MIXED = "mixed"


class Role(StrEnum):
    """Why a person is in the notebook."""

    OFFICIAL = "official"
    RESPONDENT = "respondent"


class Consent(StrEnum):
    """Where a respondent's consent stands."""

    NONE = "none"
    GIVEN = "given"
    WITHDRAWN = "withdrawn"


class Basis(StrEnum):
    """On what ground an interview note may leave the device."""

    PERSONS = "persons"  # follows from its persons: officials in office, respondents with consent
    OBSERVATION = "observation"  # nobody was interviewed


class SheetState(StrEnum):
    """A score sheet's life; see ``lifecycle.py``."""

    DRAFT = "draft"
    READY = "ready"
    SIGNED = "signed"
    COSIGNED = "cosigned"
    STORED = "stored"
    APPROVED = "approved"
    RETURNED = "returned"


class DocumentType(StrEnum):
    """What a document is."""

    MINUTES = "minutes"
    EVALUATION_SHEET = "evaluation_sheet"
    PANEL_REPORT = "panel_report"  # in the region's dossier: what next year's assessor gets
    SUMMARY = "summary"


class RevisionType(StrEnum):
    """What made a revision of a document."""

    SIGNED = "signed"
    COSIGNED = "cosigned"
    TIMESTAMPED = "timestamped"
    WET_SCAN = "wet_scan"


class RequestType(StrEnum):
    """What a person asks for by law (UU 27/2022, chapter IV)."""

    ACCESS = "access"
    CORRECT = "correct"
    STOP = "stop"
    ERASE = "erase"


class BookType(StrEnum):
    """Which book of the plan; a region may have others."""

    STRATEGIC = "strategic"  # Buku 1, Analisis Strategis
    MASTERPLAN = "masterplan"  # Buku 2
    SUMMARY = "summary"  # Buku 3, Ringkasan Eksekutif
    QUICK_WIN = "quick_win"  # Buku 4, Quick Win / Road Map
    OTHER = "other"


class AttachmentType(StrEnum):
    """What an attachment is."""

    PHOTO = "photo"
    AUDIO = "audio"
    FILE = "file"
    CONSENT = "consent"
    INK = "ink"
    SIGNED_SHEET = "signed_sheet"  # another assessor's signed sheet, handed over when the panel was closed


class PanelState(StrEnum):
    """Whether the panel's sheets may be seen together."""

    OPEN = "open"
    CLOSED = "closed"


class FindingType(StrEnum):
    """A note on the evaluation."""

    STRENGTH = "strength"
    WEAKNESS = "weakness"
    RECOMMENDATION = "recommendation"


class ProgrammeStatus(StrEnum):
    """How far a programme is."""

    PLANNED = "planned"
    RUNNING = "running"
    DELAYED = "delayed"
    DONE = "done"
    STOPPED = "stopped"


#: Dimensions and their sub-dimensions, as the programme names them; codes are permanent.
DIMENSIONS: Final[dict[str, tuple[str, ...]]] = {
    "governance": ("layanan_publik", "kebijakan_publik", "birokrasi"),
    "branding": ("pariwisata", "bisnis", "wajah_kota"),
    "economy": ("industri", "kesejahteraan", "transaksi"),
    "living": ("tata_ruang", "kesehatan", "mobilitas"),
    "society": ("komunitas", "pendidikan", "keamanan"),
    "environment": ("proteksi", "sampah", "energi"),
}

DIMENSION_NAMES: Final[dict[str, str]] = {
    "governance": "Smart Governance", "branding": "Smart Branding", "economy": "Smart Economy",
    "living": "Smart Living", "society": "Smart Society", "environment": "Smart Environment",
    "layanan_publik": "Layanan Publik", "kebijakan_publik": "Kebijakan Publik", "birokrasi": "Tata Kelola Birokrasi",
    "pariwisata": "Ekosistem Pariwisata", "bisnis": "Ekosistem Bisnis", "wajah_kota": "Wajah Kota",
    "industri": "Industri Berdaya Saing", "kesejahteraan": "Kesejahteraan Rakyat", "transaksi": "Transaksi Keuangan",
    "tata_ruang": "Harmonisasi Tata Ruang", "kesehatan": "Prasarana Kesehatan", "mobilitas": "Telekomunikasi dan Transportasi",
    "komunitas": "Komunitas", "pendidikan": "Pendidikan", "keamanan": "Keamanan",
    "proteksi": "Proteksi", "sampah": "Sampah dan Limbah", "energi": "Energi",
}
