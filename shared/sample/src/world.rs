//! The facts of the made-up year in memory, and the builder that brings them about.

use domain::identifier::FiscalCodeKind;
use domain::money::Cents;
use jiff::civil::{Date, DateTime, Weekday, date};

use crate::calendar::{
    FIRST_DAY, LAST_DAY, cut_off, later, operating, operating_before, operating_days, plus,
};
use crate::dice::Dice;
use crate::notice::Code;
use crate::people::{Debtor, Wanted};
use crate::troubles::{Level, TABLE, Trouble, plan};

/// The Province.
pub(crate) const ORGANIZATION: &str = "01234567897";
/// The other body of the notices with two beneficiaries.
pub(crate) const COMUNE: &str = "00123456784";
/// The last day on which the old station (aux digit 0) was ours.
pub(crate) const OLD_STATION_LAST_DAY: Date = date(2026, 3, 31);

/// A payment service provider: its code, the type of the code (A, B, G), name and weight.
pub(crate) struct Psp {
    pub id: &'static str,
    pub id_type: char,
    pub name: &'static str,
    weight: usize,
}

const fn psp(id: &'static str, id_type: char, name: &'static str, weight: usize) -> Psp {
    Psp { id, id_type, name, weight }
}

/// The PSPs of the sample, none of them real.
pub(crate) const PSPS: [Psp; 14] = [
    psp("PRVPITM1XXX", 'B', "Posta di Prova S.p.A.", 8),
    psp("BPRVITMM", 'B', "Banca di Prova S.p.A.", 6),
    psp("ABI09901", 'A', "Credito del Campione S.p.A.", 5),
    psp("99900000011", 'G', "Incassi Esempio S.r.l.", 5),
    psp("SMPLITTT", 'B', "Cassa Esemplare S.C.", 4),
    psp("ABI09902", 'A', "Banca della Costa Finta S.p.A.", 3),
    psp("PROVAPAY_01", 'G', "ProvaPay Istituto di Pagamento", 3),
    psp("BIC90003", 'B', "Banca Ventosa S.p.A.", 2),
    psp("FNTAITM1XXX", 'B', "Finta Pagamenti S.p.A.", 2),
    psp("ABI09904", 'A', "Credito Cooperativo di Nessunluogo", 2),
    psp("99900000029", 'G', "Tabacchi Esempio IMEL S.p.A.", 2),
    psp("NSSNITRR", 'B', "Banca di Nessunluogo", 1),
    psp("ABI09905", 'A', "Banco dell'Esempio", 1),
    psp("CAMPIONE-PSP", 'G', "Campione Servizi IP", 1),
];

/// What a debt is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum DebtKind {
    /// A violation of the Codice della Strada.
    Fine,
    /// A fee with one notice.
    Fee,
    /// A fee in four instalments.
    Plan,
}

/// Which of the sums a notice asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tier {
    Single,
    Reduced,
    Full,
    Late,
    Installment(u8),
}

/// A notice of a position.
pub(crate) struct Notice {
    pub code: Code,
    pub tier: Tier,
    pub amount: Cents,
    pub due_date: Option<Date>,
}

/// What a fine is made of.
#[derive(Clone, Copy)]
pub(crate) struct Fine {
    pub sanction: Cents,
    pub half_maximum: Cents,
    pub costs: Cents,
    pub notified: Date,
}

/// Whether and how version 2 of a position differs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum SecondVersion {
    None,
    /// A late notice was issued: version 1 has one notice less.
    LateNotice,
    Cancelled,
    /// Version 1 asked for this amount; `before` when version 2 stands in an earlier file.
    Amended {
        from: Cents,
        before: bool,
    },
}

/// A debt position.
pub(crate) struct Position {
    pub kind: DebtKind,
    pub trouble: Option<Trouble>,
    pub year: i16,
    pub notices: Vec<Notice>,
    pub fine: Option<Fine>,
    pub second: SecondVersion,
    /// What is due, given what was paid of it; `None` is left open.
    pub due: Option<Cents>,
    /// What is due when nothing of it is known to be paid; `None` is left open.
    pub due_unpaid: Option<Cents>,
    /// What a payment in time leaves of the accertamento; `None` is left open.
    pub minor_revenue: Option<Cents>,
    /// What was paid is certainly less than due, even if `due` is left open.
    pub partial: bool,
}

/// The form of a receipt.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReceiptForm {
    SendRtV2,
    SendRt,
    Rt,
}

/// Where a payment stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum PaymentState {
    Paid,
    Reported,
    Credited,
    Revoked,
}

/// A payment to us.
pub(crate) struct Payment {
    pub position: Option<u32>,
    pub code: Code,
    pub amount: Cents,
    pub paid_at: DateTime,
    pub psp: usize,
    pub index: u8,
    pub outcome: u8,
    pub receipt: Option<ReceiptForm>,
    pub trouble: Option<Trouble>,
    /// Whether any file speaks of it.
    pub seen: bool,
    /// `None` is left open.
    pub state: Option<PaymentState>,
    pub flow: Option<usize>,
    /// Whether more than one flow has it.
    pub flows_several: bool,
    /// The credit of its own that brought it.
    pub credit: Option<usize>,
}

/// One line of a flow.
#[derive(Clone, Copy)]
pub(crate) struct Line {
    pub payment: usize,
    pub outcome: u8,
    pub amount: Cents,
}

/// What one PSP collects in one operating day.
pub(crate) struct Slot {
    pub day: Date,
    pub psp: usize,
    pub trouble: Option<Trouble>,
    pub lines: Vec<Line>,
    /// Which way of counting a revocation its flow has.
    pub revocation: Option<Trouble>,
}

/// How a flow is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum FlowForm {
    Xml,
    XmlPrefixed,
    XmlRevision,
    Soap,
    RestPages,
    RestInline,
}

/// Where a flow stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FlowState {
    Superseded,
    Reported,
    Credited,
    PartiallyCredited,
    OverCredited,
}

/// One revision of a flow.
#[derive(Clone)]
pub(crate) struct Flow {
    pub psp: usize,
    pub iuf: String,
    pub day: Date,
    pub settlement: Date,
    pub time: DateTime,
    pub trn: String,
    pub revision: Option<u32>,
    pub form: FlowForm,
    pub lines: Vec<Line>,
    pub declared_total: Cents,
    pub declared_count: usize,
    pub trouble: Option<Trouble>,
    /// Written a second time in another notation.
    pub again: bool,
    /// `None` is left open.
    pub state: Option<FlowState>,
    pub credited: Cents,
}

/// Where a credit stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum CreditState {
    Open,
    Matched,
    Proposed,
    Ambiguous,
    Anomaly,
    Reversed,
    Regularised,
}

/// A provvisorio di entrata.
#[derive(Clone)]
pub(crate) struct Credit {
    pub day: Date,
    /// Given when all credits are known, in the order of their days.
    pub number: u32,
    pub amount: Cents,
    pub remitter: &'static str,
    pub causale: String,
    pub end_to_end: Option<String>,
    pub trn: Option<String>,
    pub trouble: Option<Trouble>,
    /// `None` is left open.
    pub state: Option<CreditState>,
    /// The flows that it truly pays.
    pub flows: Vec<usize>,
    /// The IUF that it truly names though no flow has it, or the IUV of a single transfer.
    pub names: Option<String>,
}

/// What else than its ESEGUITO happens to a credit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    /// STORNATO; `first` when the row stands before the ESEGUITO of that day.
    Reversed { first: bool },
    /// A reversale with this number.
    Regularised { reversale: u32 },
    /// That reversale is undone.
    Undone { reversale: u32 },
    /// The number comes again as ESEGUITO with one euro more.
    Again,
}

/// A further movement of a credit.
#[derive(Clone, Copy)]
pub(crate) struct Movement {
    pub day: Date,
    pub credit: usize,
    pub what: After,
}

/// What a code of an anomaly can be about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject {
    Credit(usize),
    Flow(usize),
    Payment(usize),
    Position(usize),
    /// The journal of that day.
    Journal(Date),
}

/// One occurrence of a trouble and the codes that it must (or may) raise.
pub(crate) struct Incident {
    pub trouble: Trouble,
    pub codes: &'static [&'static str],
    /// The code is on one of these.
    pub subjects: Vec<Subject>,
    /// Whether the rules are certain about the codes.
    pub certain: bool,
}

/// Everything that happened.
pub(crate) struct World {
    pub seed: u64,
    pub notices: u32,
    pub positions: Vec<Position>,
    pub payments: Vec<Payment>,
    pub flows: Vec<Flow>,
    pub credits: Vec<Credit>,
    pub movements: Vec<Movement>,
    pub incidents: Vec<Incident>,
    /// Credits that have nothing to do with pagoPA.
    pub not_pagopa: Vec<usize>,
    /// Which days' journals have a trouble of their own.
    pub journals: Vec<(Date, Trouble)>,
    /// How many times each trouble of the table happened.
    pub happened: [u64; TABLE.len()],
}

impl World {
    /// The year of `notices` payment notices that `seed` makes.
    pub fn new(seed: u64, notices: u32) -> Self {
        let mut builder = Builder::new(seed, notices);
        builder.populate();
        builder.settle();
        builder.other_credits();
        builder.journal_troubles();
        builder.number_credits();
        builder.world
    }

    /// Who owes a position.
    pub fn debtor(&self, position: usize) -> Debtor {
        let wanted = match self.positions[position].trouble {
            Some(Trouble::Company) => Wanted::Company,
            Some(Trouble::Abroad) => Wanted::Abroad,
            Some(Trouble::UnverifiedFiscalCode) => Wanted::Unverified,
            _ => Wanted::Any,
        };
        Debtor::new(&mut self.dice_of(position), wanted)
    }

    /// Who paid: the debtor of the position, or somebody else where there is none.
    pub fn payer(&self, payment: usize) -> Debtor {
        match self.payments[payment].position {
            Some(position) => self.debtor(index(position)),
            None => Debtor::new(&mut self.dice_of(payment + (1 << 32)), Wanted::Any),
        }
    }

    /// The vehicle of a fine.
    pub fn plate(&self, position: usize) -> String {
        crate::people::plate(&mut self.dice_of(position + (1 << 33)))
    }

    fn dice_of(&self, subject: usize) -> Dice {
        Dice::new(self.seed, 1 + u64::try_from(subject).expect("an index is a u64"))
    }

    /// The office's key of a position.
    pub fn position_id(&self, position: usize) -> String {
        let Position { kind, year, .. } = self.positions[position];
        let kind = match kind {
            DebtKind::Fine => "CDS",
            DebtKind::Fee => "COSAP",
            DebtKind::Plan => "CANONE",
        };
        format!("{kind}-{year}-{position:06}")
    }

    /// The number of a fine's report (verbale).
    pub fn report_number(&self, position: usize) -> String {
        format!("{}/{}", 100_000 + position, self.positions[position].year)
    }

    /// The identificativoUnivocoRiscossione of a payment.
    pub fn iur(&self, payment: usize) -> String {
        let mut dice = self.dice_of(payment + (1 << 34));
        match self.payments[payment].receipt {
            Some(ReceiptForm::Rt) => format!("{:016}", dice.below(10u64.pow(16))),
            _ => format!("{:016x}{:016x}", dice.below(u64::MAX), dice.below(u64::MAX)),
        }
    }
}

/// An index of the world as the payments hold it.
pub(crate) fn index(short: u32) -> usize {
    usize::try_from(short).expect("a usize has 32 bits or more")
}

/// What brings the world about.
pub(crate) struct Builder {
    pub world: World,
    pub dice: Dice,
    pub slots: Vec<Slot>,
    /// Slots without any trouble, in the order of their days.
    pub clean: Vec<usize>,
    deal: Deal,
    bases: u64,
    pub reversali: u32,
}

/// Which slot the next ordinary payment falls in: first each gets one, those whose trouble needs
/// two get a second one, then by the weight of the PSP.
struct Deal {
    first: Vec<usize>,
    dealt: usize,
    weighted: Vec<usize>,
}

impl Builder {
    fn new(seed: u64, notices: u32) -> Self {
        let mut dice = Dice::new(seed, 0);
        let slots = lay_out(&mut dice, index(notices));
        let clean = (0..slots.len()).filter(|&slot| slots[slot].trouble.is_none()).collect();
        let deal = Deal::new(&slots);
        let world = World {
            seed,
            notices,
            positions: Vec::new(),
            payments: Vec::new(),
            flows: Vec::new(),
            credits: Vec::new(),
            movements: Vec::new(),
            incidents: Vec::new(),
            not_pagopa: Vec::new(),
            journals: Vec::new(),
            happened: [0; TABLE.len()],
        };
        Self { world, dice, slots, clean, deal, bases: 0, reversali: 0 }
    }

    /// The slot of the next ordinary payment.
    pub fn next_slot(&mut self) -> usize {
        let Deal { first, dealt, weighted } = &mut self.deal;
        *dealt += 1;
        first.get(*dealt - 1).copied().unwrap_or_else(|| self.dice.pick(weighted))
    }

    /// A slot without trouble for which `fits` holds, if there is one.
    pub fn clean_slot(&mut self, fits: impl Fn(&Slot) -> bool) -> Option<usize> {
        let start = self.dice.place(self.clean.len());
        let found = self.clean[start..].iter().chain(&self.clean[..start]);
        found.copied().find(|&slot| fits(&self.slots[slot]))
    }

    /// A number that no other notice has.
    pub fn next_base(&mut self) -> u64 {
        self.bases += 1;
        1_000_000 + self.bases * 7
    }

    /// Any moment of an operating day.
    pub fn moment(&mut self, slot: usize) -> DateTime {
        let from = cut_off(operating_before(self.slots[slot].day));
        let length = from.duration_until(cut_off(self.slots[slot].day)).as_secs();
        later(from, self.dice.between(1, length - 1))
    }

    /// A moment of an operating day's own morning.
    pub fn morning(&mut self, slot: usize) -> DateTime {
        later(self.slots[slot].day.at(7, 0, 0, 0), self.dice.between(0, 6 * 3600 - 1))
    }

    /// A payment that no flow has (yet).
    pub fn pay(
        &mut self,
        position: Option<u32>,
        code: Code,
        amount: Cents,
        psp: usize,
        paid_at: DateTime,
    ) -> usize {
        let receipt = match code {
            Code::Reference { .. } => Some(ReceiptForm::Rt),
            Code::Application { .. } | Code::Segregated { code: 4, .. } => None,
            Code::Segregated { .. } => Some(match self.dice.below(100) {
                0..8 => ReceiptForm::SendRt,
                8..12 => ReceiptForm::Rt,
                _ => ReceiptForm::SendRtV2,
            }),
        };
        self.world.payments.push(Payment {
            position,
            code,
            amount,
            paid_at,
            psp,
            index: 1,
            outcome: b'0',
            receipt,
            trouble: None,
            seen: false,
            state: Some(PaymentState::Paid),
            flow: None,
            flows_several: false,
            credit: None,
        });
        self.world.payments.len() - 1
    }

    /// A payment in an operating day of a PSP.
    pub fn pay_in(
        &mut self,
        slot: usize,
        position: Option<u32>,
        code: Code,
        amount: Cents,
        paid_at: DateTime,
    ) -> usize {
        let payment = self.pay(position, code, amount, self.slots[slot].psp, paid_at);
        self.slots[slot].lines.push(Line { payment, outcome: b'0', amount });
        payment
    }

    /// Counts a trouble.
    pub fn happens(&mut self, trouble: Trouble) {
        self.world.happened[trouble as usize] += 1;
    }

    /// Notes what a trouble must raise.
    pub fn raises(
        &mut self,
        trouble: Trouble,
        codes: &'static [&'static str],
        subjects: &[Subject],
    ) {
        let subjects = subjects.to_vec();
        self.world.incidents.push(Incident { trouble, codes, subjects, certain: true });
    }

    /// Notes what a trouble may raise.
    pub fn may_raise(
        &mut self,
        trouble: Trouble,
        codes: &'static [&'static str],
        subjects: &[Subject],
    ) {
        let subjects = subjects.to_vec();
        self.world.incidents.push(Incident { trouble, codes, subjects, certain: false });
    }
}

impl Deal {
    fn new(slots: &[Slot]) -> Self {
        let needs_two = |slot: &&usize| {
            use Trouble::{CreditNamesOneOfTwo, SplitByLines, TwoFlowsOneCredit};
            let trouble = slots[**slot].trouble;
            [SplitByLines, TwoFlowsOneCredit, CreditNamesOneOfTwo].map(Some).contains(&trouble)
        };
        let all: Vec<usize> = (0..slots.len()).collect();
        let first = all.iter().chain(all.iter().filter(needs_two)).copied().collect();
        let by_weight = |&slot: &usize| std::iter::repeat_n(slot, PSPS[slots[slot].psp].weight);
        Self { first, dealt: 0, weighted: all.iter().flat_map(by_weight).collect() }
    }
}

/// Tuesday to Thursday between two operating days: the days that stories about terms need.
pub(crate) fn midweek(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Tuesday | Weekday::Wednesday | Weekday::Thursday)
        && operating(plus(day, -1))
        && operating(plus(day, 1))
}

/// The days of October that leave a fine's 60 days running at as-of.
pub(crate) fn autumn(day: Date) -> bool {
    day >= date(2026, 10, 7) && midweek(day)
}

/// The last operating day of 2025, credited in 2026.
pub(crate) fn year_end(day: Date) -> bool {
    day == date(2025, 12, 31)
}

/// Days of a kind, and how many slots on them are kept clean.
type Kept = (fn(Date) -> bool, usize);

/// The slots of the year with their troubles: about one for 30 payments, and enough for every
/// trouble of flows; a few are kept clean on the days that the stories of positions need.
fn lay_out(dice: &mut Dice, notices: usize) -> Vec<Slot> {
    let kept: [Kept; 3] = [(midweek, 8), (autumn, 3), (year_end, 2)];
    let payments = notices * 78 / 100;
    let troubles = TABLE.iter().filter(|row| row.level == Level::Flow).count();
    let mut grid: Vec<(Date, usize)> = operating_days(FIRST_DAY, LAST_DAY)
        .into_iter()
        .flat_map(|day| (0..PSPS.len()).map(move |psp| (day, psp)))
        .collect();
    let wanted = (payments / 30).max(troubles + 18).min(payments / 2).clamp(1, grid.len());
    dice.shuffle(&mut grid);
    let mut front = 0;
    for (fits, count) in kept {
        for _ in 0..count {
            if let Some(found) = (front..grid.len()).find(|&place| fits(grid[place].0)) {
                grid.swap(front, found);
                front += 1;
            }
        }
    }
    let front = front.min(wanted);
    // Troubles need the days around theirs to be of one esercizio.
    let mut planned = plan(Level::Flow, wanted, wanted - front).into_iter();
    let mut slots: Vec<Slot> = grid[..wanted]
        .iter()
        .enumerate()
        .map(|(place, &(day, psp))| Slot {
            day,
            psp,
            trouble: if place < front || day.year() < 2026 { None } else { planned.next() },
            lines: Vec::new(),
            revocation: None,
        })
        .collect();
    slots.sort_by_key(|slot| (slot.day, slot.psp));
    slots
}

/// `person` or `company`, as positions write it.
pub(crate) fn kind_name(kind: FiscalCodeKind) -> &'static str {
    match kind {
        FiscalCodeKind::Person => "person",
        FiscalCodeKind::Company => "company",
    }
}
