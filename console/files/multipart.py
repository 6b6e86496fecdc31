"""A form with files as a browser sends it, read as it comes: nothing is held that is not needed."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Literal, Self

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request

from console.files.receiving import LARGEST_FILE, Received

MOST_PARTS, MOST_FILES_AT_ONCE, LARGEST_FIELD = 1000, 20, 1024 * 1024
#: of a field in a form without files: 100,000 characters outside the basic plane take twelve bytes each in an address
LARGEST_WRITTEN = 4 * 1024 * 1024
LARGEST_FORM = MOST_FILES_AT_ONCE * LARGEST_FILE + 16 * LARGEST_FIELD
#: what is still listened to, and thrown away, of a form that is not taken: a browser that is cut off while it sends
#: shows its own error instead of our sentence
_HEARD_OUT = 128 * 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """What a form may bring. files: how many. form: bytes in all."""

    files: int = MOST_FILES_AT_ONCE
    form: int = LARGEST_FORM


class FormBroken(Exception):
    """A body that is no form, ends too early or is too large. status: 400 or 413.

    code: broken, too_large or too_many (files). fields: those that had come until then.
    """

    def __init__(
        self, status: int = 400, code: Literal["broken", "too_large", "too_many"] | None = None
    ) -> None:
        super().__init__("The form did not arrive whole." if status == 400 else "The form is too large.")
        self.status, self.code = status, code or ("broken" if status == 400 else "too_large")
        self.fields: dict[str, str] = {}


@dataclass
class Sent:
    """A form: every value of each field in order, and its files. To be used with `with`, which forgets the files."""

    values: list[tuple[str, str]] = field(default_factory=list)
    files: list[Received] = field(default_factory=list)

    @property
    def fields(self) -> dict[str, str]:
        """The last value of each field."""
        return dict(self.values)

    def getlist(self, name: str) -> list[str]:
        """Every value of a field."""
        return [value for field_name, value in self.values if field_name == name]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self.files:
            file.close()


async def read_form(request: Request, limits: Limits | None = None) -> Sent:
    """The form of this request, whichever way it is encoded. Raises FormBroken, with nothing kept but its fields.

    A form that has no file chosen sends an empty part without a name, which is no file. Of a form that says itself
    that it is too large no file reaches the disk.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data":
        return await _without_files(request)
    limits = limits or Limits()
    if int(request.headers.get("content-length") or 0) > limits.form:
        limits = replace(limits, files=0)
    try:
        reader = _Reader(options.get(b"boundary", b""), limits)
    except FormParserError as error:  # a boundary longer than any is
        raise FormBroken from error
    with ExitStack() as if_broken:
        if_broken.callback(reader.close)
        try:
            await _read_all(request, reader)
        except (FormParserError, ClientDisconnect, UnicodeDecodeError, KeyError) as error:
            raise FormBroken from error
        except FormBroken as broken:
            broken.fields = reader.sent.fields
            raise
        if_broken.pop_all()
    return reader.sent


async def _read_all(request: Request, reader: "_Reader") -> None:
    broken: FormBroken | None = None
    thrown_away = 0
    async for chunk in request.stream():
        if broken is not None:
            thrown_away += len(chunk)
            if thrown_away > _HEARD_OUT:
                break
            continue
        try:
            reader.feed(chunk)
        except FormBroken as found:
            broken = found
            reader.close()
    if broken is not None:
        raise broken
    reader.finish()


async def read_fields(request: Request, most: int = MOST_PARTS) -> FormData:
    """A form that brings no files. Texts within the limits of input fit, however they are written. Raises FormBroken.

    most: fields that are taken.
    """
    try:
        return await request.form(max_files=0, max_fields=most, max_part_size=LARGEST_WRITTEN)
    except HTTPException as error:
        detail = str(error.detail).lower()
        raise FormBroken(413 if "maximum" in detail and "files" not in detail else 400) from error
    except (MultiPartException, ClientDisconnect, FormParserError, ValueError) as error:
        raise FormBroken from error


async def _without_files(request: Request) -> Sent:
    form = await read_fields(request)
    return Sent([(name, value) for name, value in form.multi_items() if not isinstance(value, UploadFile)])


class _Reader:
    """Callbacks of the parser, gathered into one `Sent`."""

    def __init__(self, boundary: bytes, limits: Limits) -> None:
        self.sent = Sent()
        self._limits = limits
        self._header: tuple[bytes, bytes] = (b"", b"")
        self._disposition = b""
        self._name = ""
        self._value = bytearray()
        self._file: Received | None = None
        self._nameless = False
        self._read = self._parts = 0
        self._whole = False
        self._parser = MultipartParser(boundary, self._callbacks())

    def feed(self, chunk: bytes) -> None:
        """The next bytes of the body. Raises FormBroken, FormParserError."""
        self._read += len(chunk)
        if self._read > self._limits.form:
            raise FormBroken(413)
        self._parser.write(chunk)

    def finish(self) -> None:
        """No more bytes come. Raises FormBroken where the form is not whole."""
        self._parser.finalize()
        if not self._whole:
            raise FormBroken

    def close(self) -> None:
        """Forget what came."""
        if self._file is not None:
            self._file.close()
        for file in self.sent.files:
            file.close()

    def _callbacks(self) -> Any:
        told: Mapping[str, Callable[..., None]] = {
            "on_part_begin": self._part_begins,
            "on_part_data": self._part_data,
            "on_part_end": self._part_ends,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_ends,
            "on_headers_finished": self._headers_finished,
            "on_end": self._ends,
        }
        return told

    def _part_begins(self) -> None:
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise FormBroken(413)
        self._disposition, self._value, self._file, self._nameless = b"", bytearray(), None, False

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header = (self._header[0] + data[start:end], self._header[1])

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._header = (self._header[0], self._header[1] + data[start:end])

    def _header_ends(self) -> None:
        if self._header[0].lower() == b"content-disposition":
            self._disposition = self._header[1]
        self._header = (b"", b"")

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._name = options[b"name"].decode()
        if b"filename" not in options:
            return
        written = options[b"filename"].decode("utf-8", "replace")
        self._nameless = not written
        if written:
            if len(self.sent.files) >= self._limits.files:
                raise FormBroken(413, "too_many" if self._limits.files else "too_large")
            self._file = Received(written)

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if self._file is not None:
            self._file.write(data[start:end])
        elif len(self._value) + end - start > LARGEST_FIELD:
            raise FormBroken(413)
        else:
            self._value += data[start:end]

    def _part_ends(self) -> None:
        if self._file is not None:
            self._file.end()
            self.sent.files.append(self._file)
            self._file = None
        elif not self._nameless:
            self.sent.values.append((self._name, self._value.decode()))

    def _ends(self) -> None:
        self._whole = True
