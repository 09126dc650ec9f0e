"""Names of columns, as data sets have them."""

from __future__ import annotations

import time

import pytest

from trimtab.bundle.privacy.names import is_bare_name, kind_named, words_of

PERSONAL = {
    "email": "email", "EMail": "email", "e-mail": "email", "customerEmail": "email", "E-Mail-Adresse": "email",
    "correo_electrónico": "email", "adresse mail": "address", "phone": "phone", "PhoneNumber": "phone",
    "mobile_no": "phone", "Telefon-Nr": "phone", "numéro_téléphone": "phone", "clientIP": "ip", "IPAddress2": "ip",
    "zip": "address", "PLZ": "address", "Straße_Nr": "address", "codigo postal": "address", "address_line_1": "address",
    "age": "age", "Age": "age", "customer_age": "age", "age_at_diagnosis": "age", "Alter": "age", "âge": "age",
    "edad": "age", "leeftijd": "age", "DateOfBirth": "birth", "dob": "birth", "Geburtsdatum": "birth",
    "fecha_nacimiento": "birth", "date_naissance": "birth", "geboortedatum": "birth", "first_name": "name",
    "FirstName": "name", "LASTNAME": "name", "Nachname": "name", "prénom": "name", "apellidos": "name",
    "voornaam": "name", "username": "name", "customer_id": "id", "CustomerID": "id", "Kundennummer": "id",
    "numero_cliente": "id", "userid": "id", "device_uuid": "id", "account_id": "id", "account_number": "account",
    "IBAN_nr": "account", "Kontonummer": "account", "card_number": "card", "creditCard": "card", "ssn": "social",
    "passport_no": "document", "DNI": "document", "gender": "sensitive", "Sex": "sensitive", "Geschlecht": "sensitive",
    "religion": "sensitive", "comment": "text", "Bemerkung": "text", "review_text": "text", "password": "password",
}  # fmt: skip
HARMLESS = """
    tenure plan spend carrier distance dep_time origin dest tailnum page_views account_age age_group birth_weight
    email_verified n_emails has_email phone_calls PhoneService email_domain address_type order_id id product_id hash
    MonthlyCharges PaperlessBilling petal_length average vintage storage image_height ship_mode description title
    nominal notables islip tell category_id user_id_hash review_score comment_count message_type days_since_birth_count
"""


@pytest.mark.parametrize("name", PERSONAL)
def test_a_name_of_personal_data_is_known(name):
    assert kind_named(name) == PERSONAL[name]


@pytest.mark.parametrize("name", HARMLESS.split())
def test_other_names_mean_nothing(name):
    assert kind_named(name) is None


def test_what_is_just_called_a_name_may_be_one():
    assert all(map(is_bare_name, ("name", "Name", "nom", "nombre", "naam", "product_name", "file_name")))
    assert not any(map(is_bare_name, ("nominal", "renamed", "name_length", "tenure", "has_name")))


def test_words_are_taken_apart():
    assert words_of("ClientIPAddress2") == ("client", "ip", "address")
    assert words_of("Straße_Größe-über") == ("strasse", "grosse", "uber")
    assert words_of("αβγ 数 42 __") == ()
    assert words_of("") == ()


@pytest.mark.parametrize("name", ["A" * 100_000, "aB" * 50_000, "_" * 100_000, "email" * 20_000, "ü" * 100_000])
def test_a_name_without_end_takes_no_time(name):
    began = time.process_time()
    kind_named(name)
    is_bare_name(name)
    assert time.process_time() - began < 0.05
