"""A flow of many payments, and the one credit that pays it."""

FLOW = """<?xml version="1.0" encoding="UTF-8"?>
<FlussoRiversamento xmlns="http://www.digitpa.gov.it/schemas/2011/Pagamenti/">
<versioneOggetto>1.0</versioneOggetto>
<identificativoFlusso>{iuf}</identificativoFlusso>
<dataOraFlusso>2026-10-01T19:00:00</dataOraFlusso>
<identificativoUnivocoRegolamento>0990100000000000000000000001IT</identificativoUnivocoRegolamento>
<dataRegolamento>2026-10-01</dataRegolamento>
<istitutoMittente><identificativoUnivocoMittente>
<tipoIdentificativoUnivoco>A</tipoIdentificativoUnivoco>
<codiceIdentificativoUnivoco>ABI09901</codiceIdentificativoUnivoco>
</identificativoUnivocoMittente></istitutoMittente>
<istitutoRicevente><identificativoUnivocoRicevente>
<tipoIdentificativoUnivoco>G</tipoIdentificativoUnivoco>
<codiceIdentificativoUnivoco>01234567897</codiceIdentificativoUnivoco>
</identificativoUnivocoRicevente></istitutoRicevente>
<numeroTotalePagamenti>{payments}</numeroTotalePagamenti>
<importoTotalePagamenti>{total}</importoTotalePagamenti>
"""
PAYMENT = """<datiSingoliPagamenti>
<identificativoUnivocoVersamento>{iuv}</identificativoUnivocoVersamento>
<identificativoUnivocoRiscossione>{number:032x}</identificativoUnivocoRiscossione>
<indiceDatiSingoloPagamento>1</indiceDatiSingoloPagamento>
<singoloImportoPagato>10.00</singoloImportoPagato>
<codiceEsitoSingoloPagamento>0</codiceEsitoSingoloPagamento>
<dataEsitoSingoloPagamento>2026-09-30</dataEsitoSingoloPagamento>
</datiSingoliPagamenti>
"""
JOURNAL = """<?xml version="1.0" encoding="UTF-8"?>
<flusso_giornale_di_cassa>
<testata_messaggio>
<codice_ABI_BT>09990</codice_ABI_BT>
<data_ora_creazione_flusso>2026-10-03T02:31:45</data_ora_creazione_flusso>
<codice_ente>UFPRV0</codice_ente>
<descrizione_ente>PROVINCIA DI PROVA</descrizione_ente>
<codice_istat_ente>000099999</codice_istat_ente>
<codice_fiscale_ente>01234567897</codice_fiscale_ente>
<codice_tramite_ente>A2A-99900000</codice_tramite_ente>
<codice_tramite_BT>A2A-99900001</codice_tramite_BT>
<codice_ente_BT>9990001</codice_ente_BT>
</testata_messaggio>
<identificativo_flusso_BT>GDC-2026100209900100000062#001#001</identificativo_flusso_BT>
<pagina>1</pagina>
<pagine_totali>1</pagine_totali>
<esercizio>2026</esercizio>
<data_riferimento_GdC>2026-10-02</data_riferimento_GdC>
<informazioni_conto_evidenza>
<conto_evidenza>0000001</conto_evidenza>
<descrizione_conto_evidenza>CONTO ORDINARIO</descrizione_conto_evidenza>
<movimento_conto_evidenza>
<identificativo_flusso>202610020099900</identificativo_flusso>
<numero_movimento>0000001</numero_movimento>
<tipo_movimento>ENTRATA</tipo_movimento>
<tipo_documento>SOSPESO ENTRATA</tipo_documento>
<tipo_operazione>ESEGUITO</tipo_operazione>
<numero_documento>0000001</numero_documento>
<sospeso_da_regolarizzare>
<data_effettiva_sospeso>2026-10-02</data_effettiva_sospeso>
<codice_gestionale_provvisorio>0000099999</codice_gestionale_provvisorio>
</sospeso_da_regolarizzare>
<progressivo_documento>0000000</progressivo_documento>
<importo>{total}</importo>
<numero_bolletta_quietanza>0040310</numero_bolletta_quietanza>
<numero_bolletta_quietanza_storno>0000000</numero_bolletta_quietanza_storno>
<data_movimento>2026-10-02</data_movimento>
<data_movimento_siope>2026-10-02</data_movimento_siope>
<data_valuta_ente>2026-10-02</data_valuta_ente>
<tipo_esecuzione>CASSA</tipo_esecuzione>
<codice_riferimento_operazione>0990100000000000000000000001IT</codice_riferimento_operazione>
<destinazione>LIBERA</destinazione>
<assoggettamento_bollo>ESENTE BOLLO</assoggettamento_bollo>
<cliente>
<anagrafica_cliente>Banca di Prova S.p.A.</anagrafica_cliente>
</cliente>
<causale>/PUR/LGPE-RIVERSAMENTO/URI/{iuf}</causale>
</movimento_conto_evidenza>
<saldo_precedente_conto_evidenza>0.00</saldo_precedente_conto_evidenza>
<totale_entrate_conto_evidenza>{total}</totale_entrate_conto_evidenza>
<totale_uscite_conto_evidenza>0.00</totale_uscite_conto_evidenza>
<saldo_finale_conto_evidenza>{total}</saldo_finale_conto_evidenza>
</informazioni_conto_evidenza>
<saldo_complessivo_precedente>0.00</saldo_complessivo_precedente>
<totale_complessivo_entrate>{total}</totale_complessivo_entrate>
<totale_complessivo_uscite>0.00</totale_complessivo_uscite>
<saldo_complessivo_finale>{total}</saldo_complessivo_finale>
<totali_esercizio>
<fondo_di_cassa>0.00</fondo_di_cassa>
<totale_reversali_riscosse>0.00</totale_reversali_riscosse>
<totale_sospesi_entrata>{total}</totale_sospesi_entrata>
<totale_entrate>{total}</totale_entrate>
<deficit_di_cassa>0.00</deficit_di_cassa>
<totale_mandati_pagati>0.00</totale_mandati_pagati>
<totale_sospesi_uscita>0.00</totale_sospesi_uscita>
<totale_uscite>0.00</totale_uscite>
<saldo_esercizio>{total}</saldo_esercizio>
</totali_esercizio>
</flusso_giornale_di_cassa>
"""
IUF = "2026-10-01ABI09901-S000000001"


def says(payments):
    """What both files say of so many payments of 10 euro."""
    return {"iuf": IUF, "payments": payments, "total": f"{10 * payments}.00"}


def flow(path, payments):
    """Writes a flow of so many payments."""
    with path.open("w") as file:
        file.write(FLOW.format(**says(payments)))
        for number in range(payments):
            base = f"01{number:013}"
            # The check digits of an IUV are those of its notice number, which begins with 3.
            iuv = f"{base}{int('3' + base) % 93:02}"
            file.write(PAYMENT.format(iuv=iuv, number=number))
        file.write("</FlussoRiversamento>\n")
    return path


def write(inputs, payments):
    """Writes a flow, and the journal with its credit."""
    inputs.mkdir(parents=True)
    flow(inputs / "flow.xml", payments)
    (inputs / "journal.xml").write_text(JOURNAL.format(**says(payments)))
