//! The configuration of the sample's Province.

/// `quadra.toml`.
pub(crate) const CONFIGURATION: &str = r#"# La Provincia di Prova non esiste: configurazione dei dati di esempio.

[[organization]]
fiscal_code = "01234567897"
name = "Provincia di Prova"
contacts = "Ufficio sanzioni, tel. 050 000000, sanzioni@provincia.example"
driver_form_url = "https://provincia.example/dati-conducente"

[[organization.station]]
intermediary = "INT-A"
aux_digit = 3
segregation_code = "01"
valid_from = 2019-12-01
receipts = true

[[organization.station]]
intermediary = "INT-B"
aux_digit = 3
segregation_code = "02"
valid_from = 2021-01-01
receipts = true

[[organization.station]]
intermediary = "INT-C"
aux_digit = 3
segregation_code = "04"
valid_from = 2021-01-01
receipts = false

[[organization.station]]
intermediary = "INT-C"
aux_digit = 0
application_code = "05"
valid_from = 2016-01-01
valid_to = 2026-03-31
receipts = false

[[organization.debt_type]]
code = "CDS"
fine = true
appio_service = "multe"

[[organization.debt_type]]
code = "CDS-SPESE"
fine = false

[[organization.debt_type]]
code = "COSAP"
fine = false

[[organization.debt_type]]
code = "CANONE"
fine = false

[[organization.assessment]]
debt_type = "CDS"
year = 2025
number = "2025/118"
chapter = "3020"
siope = "3020201001"
state = "definitive"

[[organization.assessment]]
debt_type = "CDS-SPESE"
year = 2025
number = "2025/119"
chapter = "3021"
siope = "3059999999"
state = "definitive"

[[organization.assessment]]
debt_type = "COSAP"
year = 2025
number = "2025/204"
chapter = "1060"
siope = "3010301003"
state = "definitive"

[[organization.assessment]]
debt_type = "CANONE"
year = 2025
number = "2025/311"
chapter = "3110"
siope = "3010302002"
state = "definitive"

[[organization.assessment]]
debt_type = "CDS"
year = 2026
number = "2026/118"
chapter = "3020"
siope = "3020201001"
state = "definitive"

[[organization.assessment]]
debt_type = "CDS-SPESE"
year = 2026
number = "2026/119"
chapter = "3021"
siope = "3059999999"
state = "definitive"

[[organization.assessment]]
debt_type = "COSAP"
year = 2026
number = "2026/204"
chapter = "1060"
siope = "3010301003"
state = "definitive"

[[organization.assessment]]
debt_type = "CANONE"
year = 2026
number = "2026/311"
chapter = "3110"
siope = "3010302002"
state = "provisional"

[calendar]
extra_closures = []

[interest]
rate_percent = "10.15"
"#;
