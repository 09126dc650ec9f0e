"""How columns of a person's data are called, in English, German, French, Spanish and Dutch.

Words in lower case, without accents, with blanks between them, which a column's name may leave out or write in any way:
`birth date` finds `birthdate`, `BirthDate` and `birth_date`.
"""

from __future__ import annotations

from typing import Final

__all__ = ["AFTER", "AGED", "AGES", "BARE_NAMES", "BEFORE", "NUMBERS", "PEOPLE", "PHRASES", "STEMS"]

# kind -> phrases that mean it wherever they stand in a name
PHRASES: Final[dict[str, str]] = {
    "name": """
        first name, last name, full name, family name, given name, middle name, maiden name, forename, surname, fname,
        lname, nickname, customer name, client name, person name, patient name, contact name, holder name, cardholder,
        applicant name, employee name, passenger name, guest name, driver name, user name, screen name, login,
        vorname, nachname, familienname, zuname, geburtsname, kunden name, ansprechpartner, benutzer name, anmelde
        name, prenom, nom famille, nom de famille, nom complet, nom client, nom utilisateur, pseudonyme, identifiant
        connexion, apellido, apellidos, nombre completo, nombre cliente, nombre usuario, primer nombre, segundo
        nombre, voornaam, achternaam, roepnaam, tussenvoegsel, volledige naam, klant naam, gebruikers naam
    """,
    "email": """
        email, emails, e mail, mail, mail address, mail adresse, email adres, correo, correo electronico, courriel
    """,
    "phone": """
        phone, phones, telephone, mobile, mobile number, cell phone, cellphone, tel, msisdn, fax, telefon, telefon
        nummer, mobil nummer, handy, handy nummer, ruf nummer, festnetz, portable, numero telephone, telefono, movil,
        celular, telefoon, telefoon nummer, mobiel, gsm nummer
    """,
    "address": """
        address, addresses, addr, street, street name, house number, po box, zip, zip code, postcode, postal code,
        zipcode, adresse, anschrift, wohnort, strasse, hausnummer, plz, postleitzahl, rue, code postal, domicile,
        direccion, domicilio, calle, codigo postal, adres, straat, straat naam, huis nummer, woonplaats
    """,
    "birth": """
        birth, birthday, birth date, date of birth, dob, birth year, year of birth, yob, geburtsdatum, geburtstag,
        geburtsjahr, naissance, date naissance, annee naissance, nacimiento, fecha nacimiento, cumpleanos, geboorte,
        geboorte datum, geboorte jaar, verjaardag
    """,
    "card": """
        card number, card no, card num, credit card, credit card number, debit card, cc number, cc num, cvv, cvc,
        kreditkarte, kredit karten nummer, karten nummer, carte bancaire, carte credit, numero carte, tarjeta, tarjeta
        credito, numero tarjeta, kredietkaart, kaart nummer, credit card nummer
    """,
    "account": """
        iban, bic, bank account, account number, account no, acct no, acct number, sort code, routing number, konto
        nummer, konto nr, bank verbindung, numero compte, compte bancaire, rib, numero cuenta, cuenta bancaria,
        rekening nummer, bank rekening
    """,
    "ip": """
        ip, ip address, ip addr, client ip, remote addr, remote ip, ipv, adresse ip, ip adresse, direccion ip,
        ip adres
    """,
    "document": """
        passport, passport number, id card, identity card, drivers license, driver license, driving licence, license
        number, personal ausweis, ausweis nummer, reise pass, pass nummer, fuehrerschein, fuhrerschein, passeport,
        carte identite, permis conduire, pasaporte, dni, nie, carnet conducir, paspoort, rijbewijs, identiteits kaart
    """,
    "social": """
        ssn, social security, social security number, national id, national insurance, nino, tax id,
        sozialversicherung, sozialversicherungs nummer, steuer nummer, steuer id, versicherten nummer, securite
        sociale, numero securite sociale, seguridad social, nif, bsn, burger service nummer, sofi nummer
    """,
    "password": """
        password, passwd, passphrase, passwort, kennwort, mot de passe, contrasena, clave acceso, wachtwoord
    """,
    "sensitive": """
        gender, sex, sexual orientation, ethnicity, ethnic, race, religion, disability, diagnosis, pregnant, hiv,
        political party, trade union, criminal record, geschlecht, konfession, religionszugehoerigkeit, behinderung,
        diagnose, schwanger, sexe, orientation sexuelle, ethnie, handicap, enceinte, sexo, genero, etnia,
        discapacidad, embarazada, geslacht, godsdienst, handicap, zwanger
    """,
    "biometric": """
        selfie, fingerprint, face image, face photo, voice print, mugshot, fingerabdruck, passfoto, empreinte
        digitale, huella dactilar, vingerafdruk
    """,
    "text": """
        comment, comments, note, notes, remark, remarks, free text, message, messages, feedback, review, complaint,
        kommentar, kommentare, bemerkung, bemerkungen, notiz, notizen, nachricht, freitext, beschwerde, commentaire,
        commentaires, remarque, remarques, texte libre, reclamation, comentario, comentarios, observacion,
        observaciones, mensaje, texto libre, queja, opmerking, opmerkingen, toelichting, bericht, klacht, vrije tekst
    """,
}

# words for people: together with one of NUMBERS they name a person, without saying who it is
PEOPLE: Final = """
    customer, client, user, member, patient, employee, subscriber, person, passenger, student, driver, guest, account,
    household, policyholder, visitor, applicant, borrower, device, cookie, session, advertising, kunde, kunden,
    nutzer, benutzer, mitglied, mitglieds, patienten, mitarbeiter, personal, versicherungs, geraete, abonne, adherent,
    utilisateur, salarie, compte, cliente, usuario, paciente, empleado, socio, cuenta, klant, klanten, gebruiker,
    gebruikers, lid, lidmaatschaps, medewerker, apparaat
"""
NUMBERS: Final = """
    id, ids, key, no, nr, num, number, nummer, numero, code, uuid, guid, ref, reference, identifier, kennung,
    identifiant, identificador, referentie
"""
# an age only when nothing else is said to have it
AGES: Final = "age, ages, alter, lebensalter, edad, leeftijd"
AGED: Final = """
    customer, client, user, member, patient, employee, subscriber, person, passenger, student, driver, guest,
    applicant, borrower, insured, policyholder, respondent, kunde, kunden, patienten, cliente, paciente, usuario,
    klant, at, in, years, year, yrs, entry, current, admission, diagnosis, the, of, jahre, jahren, ans, anos, jaar,
    jaren
"""
# the name of a person, or of anything else: what the values look like decides
BARE_NAMES: Final = "name, names, nom, nombre, naam"

# single words of eight letters or more that hold one of these
STEMS: Final[dict[str, str]] = {
    "email": "email", "telefon": "phone", "telephon": "phone", "vorname": "name", "nachname": "name",
    "voornaam": "name", "achternaam": "name", "geburts": "birth", "geboorte": "birth", "naissance": "birth",
    "strasse": "address", "postleitzahl": "address", "kontonummer": "account", "kreditkarte": "card",
    "reisepass": "document", "passwor": "password", "wachtwoord": "password", "kundennummer": "id",
    "klantnummer": "id", "fingerprint": "biometric",
}  # fmt: skip

# words behind a person's datum that make something else of it: `email_verified`, `age_group`, `birth_weight`
AFTER: Final = """
    calls, minutes, count, counts, length, len, flag, status, verified, valid, domain, provider, score, hash, hashed,
    missing, known, present, group, band, bucket, range, changes, changed, weight, rate, service, type, category,
    kind, match, matched, distance, days, months, consent, order, encoded, anzahl, dauer, laenge, gruppe, gewicht,
    aantal, duur, lengte, groep, cantidad
"""
# and words before it: `has_email`
BEFORE: Final = "has, is, count, n, avg, mean, hashed, anzahl, aantal, cantidad"
