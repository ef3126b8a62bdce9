"""Mail over SMTP with TLS, a timeout and a Message-ID that lets receivers drop repeats."""

import smtplib
import ssl
from email.message import EmailMessage

from shop.logs import request_id
from shop.settings import Settings

TIMEOUT_S = 10


class Mailer:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def send(self, *, message_id: int, to: str, subject: str, body: str) -> None:
        settings = self.settings
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = settings.mail_from, to, subject
        mail["Message-ID"] = f"<outbox-{message_id}@{settings.mail_from.split('@')[1]}>"
        mail["X-Request-ID"] = request_id.get()
        mail.set_content(body)
        with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=TIMEOUT_S) as smtp:
            smtp.starttls(context=ssl.create_default_context())
            smtp.login(settings.smtp_username, settings.smtp_password.get_secret_value())
            smtp.send_message(mail)
