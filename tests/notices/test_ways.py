"""How messages go out: by a real mail server, and into the spool."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from channels.message import AnswerLost, Message, TryLater, Undeliverable, mail_address
from channels.senders import sender_for
from channels.smtp import SmtpSender, read_relay, without_addresses
from channels.spool import Spool, file_name
from tests.notices.mailbox import mail_server

HELLO = Message(
    "lin@example.com", "[2026-000123] 您好", "林女士：\n您好 🏠\n", "zh-CN", "2026-000123/2:receipt/CUSTOMER"
)


def files_in(directory: Path) -> list[Path]:
    return list(directory.iterdir())


def sender(url: str) -> SmtpSender:
    return SmtpSender(read_relay(url))


@pytest.fixture(scope="session")
def authority(server_directory: Path) -> tuple[ssl.SSLContext, Path]:
    """A certificate for localhost and 127.0.0.1 that signs itself: the server's side, and the file to trust it by."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = server_directory / "mail.pem", server_directory / "mail.key"
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(public, private)
    return context, public


@pytest.mark.requirement("SLA-11", "CUS-10")
async def test_a_mail_arrives_as_it_was_written_and_its_answer_is_kept_without_the_address() -> None:
    async with mail_server() as mailbox:
        accepted = await sender(mailbox.url).send(HELLO)
        again = await sender(mailbox.url).send(HELLO)
    ((to, mail), (_, second)) = mailbox.received
    assert to == "lin@example.com"
    assert mail["Subject"] == HELLO.subject
    assert mail["From"] == "care@example.com"
    assert mail["Content-Language"] == "zh-CN"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content().splitlines() == HELLO.body.splitlines()
    assert mail["Message-ID"] == second["Message-ID"] == f"<{accepted.provider_id}@example.com>"
    assert again.provider_id == accepted.provider_id
    assert accepted.detail == "250 2.0.0 queued as 1 for …"


@pytest.mark.requirement("SLA-11")
@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        ("550 5.1.1 <lin@example.com> unknown", Undeliverable),
        ("451 4.3.0 come back, lin@example.com", TryLater),
    ],
)
async def test_a_refusal_is_for_good_or_for_now(answer: str, wanted: type[Exception]) -> None:
    code = " ".join(answer.split()[:2])
    async with mail_server() as mailbox:
        mailbox.refuse_receiver[HELLO.to] = answer
        with pytest.raises(wanted, match=f"the address .*: {code}$") as refused:
            await sender(mailbox.url).send(HELLO)
        assert "lin@" not in str(refused.value)
        mailbox.refuse_receiver.clear()
        mailbox.refuse_message[HELLO.to] = answer
        with pytest.raises(wanted, match=f"the message .*: {code}$"):
            await sender(mailbox.url).send(HELLO)
    assert mailbox.received == []


async def test_no_server_means_later_and_a_lost_answer_is_said_to_be_one() -> None:
    async with mail_server() as mailbox:
        mailbox.vanish = 1
        with pytest.raises(AnswerLost):
            await sender(mailbox.url).send(HELLO)
        assert len(mailbox.received) == 1
    with pytest.raises(TryLater, match="cannot be reached"):
        await sender(mailbox.url).send(HELLO)


async def test_tls_is_taken_where_offered_and_insisted_on_where_asked(
    authority: tuple[ssl.SSLContext, Path],
) -> None:
    context, trusted = authority
    async with mail_server(tls=context) as mailbox:
        await sender(mailbox.url).send(HELLO)
        await sender(f"starttls://localhost:{mailbox.port}?ca={trusted}").send(HELLO)
        with pytest.raises(TryLater, match="cannot be reached"):
            await sender(f"starttls://localhost:{mailbox.port}").send(HELLO)  # nobody it trusts
        assert mailbox.tls_sessions == len(mailbox.received) == 2
    async with mail_server(tls=context, wrapped=True) as mailbox:
        await sender(f"smtps://localhost:{mailbox.port}?ca={trusted}").send(HELLO)
        assert len(mailbox.received) == 1
    async with mail_server() as mailbox:
        with pytest.raises(TryLater):
            await sender(f"starttls://localhost:{mailbox.port}?ca={trusted}").send(HELLO)
        assert mailbox.received == []


async def test_a_login_goes_over_a_checked_connection_and_its_failure_is_ours_to_mend(
    authority: tuple[ssl.SSLContext, Path],
) -> None:
    context, trusted = authority
    async with mail_server(tls=context, login=True) as mailbox:
        await sender(f"smtp://care%40example.com:secret@localhost:{mailbox.port}?ca={trusted}").send(HELLO)
        with pytest.raises(TryLater, match="does not take us: 530"):
            await sender(f"smtp://localhost:{mailbox.port}").send(HELLO)
        with pytest.raises(TryLater, match="does not take us: 535"):
            await sender(f"smtp://care:wrong@localhost:{mailbox.port}?ca={trusted}").send(HELLO)
    assert mailbox.received[0][1]["From"] == "care@example.com"


@pytest.mark.requirement("SLA-11")
async def test_a_header_cannot_be_injected(tmp_path: Path) -> None:
    for evil in (
        "a@example.com\r\nBcc: b@example.com",
        "a@example.com, b@example.com",
        "<a@example.com>",
        "",
        "@x",
        "a@b c",
    ):
        with pytest.raises(Undeliverable):
            mail_address(evil)
    bad = Message("lin@example.com", "x\r\nBcc: b@example.com", "", "zh-CN", "k")
    with pytest.raises(ValueError, match="linefeed or carriage return"):
        await Spool(tmp_path).send(bad)
    assert files_in(tmp_path) == []


def test_addresses_are_taken_in_the_form_servers_know() -> None:
    assert mail_address(" lin@例子.example.com ") == "lin@xn--fsqu00a.example.com"
    with pytest.raises(Undeliverable):
        mail_address("林@example.com")
    with pytest.raises(Undeliverable):
        mail_address(f"{'a' * 65}@example.com")


@pytest.mark.requirement("SLA-11")
async def test_one_key_is_one_file_even_for_many_at_once(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    answers = await asyncio.gather(*(spool.send(HELLO) for _ in range(8)))
    (file,) = files_in(tmp_path / "spool")
    assert {answer.provider_id for answer in answers} == {file.name} == {file_name(HELLO.key)}
    assert file.name.startswith("2026-000123_2_receipt_CUSTOMER-")
    assert file.stat().st_mode & 0o077 == 0
    mail = message_from_bytes(file.read_bytes(), policy=default)
    assert (mail["To"], mail["Subject"]) == (HELLO.to, HELLO.subject)
    assert mail.get_content().splitlines() == HELLO.body.splitlines()
    assert (await spool.send(HELLO)).detail == "was written before"


@pytest.mark.parametrize("contact", ["000-0000-0001", "wx-test-05", '业主, "林" <x>\n(a)', ";:,<>"])
async def test_the_spool_takes_every_contact(tmp_path: Path, contact: str) -> None:
    await Spool(tmp_path).send(Message(contact, "s", "b", "zh-CN", f"key/{contact}"))
    (file,) = files_in(tmp_path)
    mail = message_from_bytes(file.read_bytes(), policy=default)
    assert " ".join(contact.split()) in " ".join(
        str(address.display_name) for address in mail["To"].addresses
    )
    assert mail.keys().count("To") == 1


async def test_a_disk_that_does_not_take_it_means_later(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no directory")
    with pytest.raises(TryLater, match="spool cannot be written"):
        await Spool(tmp_path / "file").send(HELLO)


@pytest.mark.parametrize(
    ("url", "why"),
    [("http://mail.example.com", "smtp://"), ("smtp://", "with a host"), ("smtp://h:99999", "port"),
     ("smtp://h?form=x", "unknown option form"), ("smtp://h?from=nobody", "is no mail address")],
)  # fmt: skip
def test_a_wrong_url_is_refused_with_a_sentence(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_relay(url)


def test_a_url_says_all_there_is_to_say(tmp_path: Path) -> None:
    relay = read_relay("starttls://care%40example.com:se%2Fcret@mail.example.com")
    assert (relay.port, relay.sender, relay.password, relay.start_tls) == (
        587,
        "care@example.com",
        "se/cret",
        True,
    )
    assert read_relay("smtp://mail.example.com").sender == "redress@mail.example.com"
    assert read_relay("smtp://mail.example.com", "care@example.com").sender == "care@example.com"
    assert read_relay("smtp://mail.example.com?from=a@b.example", "care@example.com").sender == "a@b.example"
    assert not read_relay("smtp://mail.example.com").checks_certificate
    assert read_relay("smtp://u:p@mail.example.com").checks_certificate
    assert sender_for("smtps://mail.example.com", tmp_path).way == "smtp"
    assert sender_for("", tmp_path).way == sender_for(None, tmp_path).way == "spool"


def test_what_a_server_says_is_kept_short_and_without_addresses() -> None:
    assert without_addresses("250 ok\nfor <lin@example.com>; next") == "250 ok for … next"
    assert len(without_addresses("x" * 1000)) == 200
