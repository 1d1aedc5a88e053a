//! What is true of a world, told a second time: slowly, plainly, from what was said alone.
//!
//! Nothing here calls the rules of the house, on purpose. It takes every accepted statement at
//! once, without an order of arrival, and says the state and the amounts of every credit, flow,
//! payment and position, one line of text for each.

use std::collections::{BTreeMap, BTreeSet};

use super::world::{
    Content, Deed, Flow, Line, Movement, Notice, ORGANIZATIONS, PROVIDERS, Paid, Position,
    Remittance, Tier, World,
};
use super::write::{euro, iur, iuv};

/// One line for each thing that is known: its name, and what is true of it.
pub(super) type Truth = BTreeMap<String, String>;

/// Which statements came in: every file but the refused ones, every line but the bad ones.
#[derive(Debug, Default)]
pub(super) struct Accepted {
    /// Files that were refused.
    pub refused: BTreeSet<String>,
    /// Lines that were refused, of files of positions.
    pub bad_lines: BTreeMap<String, BTreeSet<usize>>,
}

/// The day from which a sum that is still open is looked at: long after every term.
const TODAY: u32 = 1000;

/// What is true of a world.
pub(super) fn truth(world: &World, accepted: &Accepted) -> Truth {
    let mut truth = Truth::new();
    for organization in 0..ORGANIZATIONS.len() {
        Body::new(world, accepted, organization).tell(&mut truth);
    }
    truth
}

/// What is wrong with which statements came in: of statements that contradict each other one is in,
/// and no statement is out that nothing contradicts.
pub(super) fn wrongly_refused(world: &World, accepted: &Accepted) -> Vec<String> {
    let mut wrong = Vec::new();
    for organization in 0..ORGANIZATIONS.len() {
        let all = Body::new(world, &Accepted::default(), organization);
        let inside = Body::new(world, accepted, organization);
        let name = |flow: &Flow| (flow.iuf.clone(), flow.provider, flow.revision, flow.minute);
        for flow in &all.flows {
            let same = inside.flows.iter().filter(|other| name(other) == name(flow)).count();
            if same != 1 {
                wrong.push(format!("{same} revisions {:?} came in", name(flow)));
            }
        }
        for out in &all.positions {
            let same = |other: &&Position| (other.id, other.version) == (out.id, out.version);
            let owned =
                |notice: &Notice| inside.owner(notice.iuv).is_some_and(|owner| owner != out.id);
            let stands = inside.positions.iter().filter(same).count();
            if stands > 1 || stands == 0 && !out.notices.iter().any(owned) {
                wrong.push(format!("{stands} of position {} version {}", out.id, out.version));
            }
        }
    }
    wrong
}

/// All that is known of one organization.
struct Body {
    organization: usize,
    flows: Vec<Flow>,
    /// Payment, and whether the receipt is of the more telling form.
    receipts: Vec<(Paid, bool)>,
    movements: Vec<Movement>,
    positions: Vec<Position>,
}

/// A provvisorio.
struct Credit {
    amount: i64,
    day: u32,
    remittance: Remittance,
    state: &'static str,
    reversed: bool,
    regularised: bool,
}

/// A payment and how far it has come.
struct Payment {
    iuv: u32,
    iur: u32,
    amount: i64,
    day: u32,
    state: &'static str,
    /// The flow that reports it first, by its place.
    flow: Option<usize>,
}

/// A flow in force.
struct Current<'a> {
    flow: &'a Flow,
    state: &'static str,
    credited: i64,
    /// The credits that pay it.
    payers: Vec<u32>,
    /// IUV and IUR of the payments in it that a credit of their own pays.
    singly: Vec<(u32, u32)>,
}

impl Body {
    fn new(world: &World, accepted: &Accepted, organization: usize) -> Self {
        let mut body = Self {
            organization,
            flows: Vec::new(),
            receipts: Vec::new(),
            movements: Vec::new(),
            positions: Vec::new(),
        };
        for file in &world.files {
            if file.organization != organization || accepted.refused.contains(&file.name) {
                continue;
            }
            match &file.content {
                Content::Flow(flow) => body.flows.push(flow.clone()),
                Content::Receipt(told) => body.receipts.push((told.payment.clone(), told.second)),
                Content::Journal(movements) => body.movements.extend(movements.iter().cloned()),
                Content::Positions(positions) => {
                    let bad = accepted.bad_lines.get(&file.name);
                    for (line, position) in (1..).zip(positions) {
                        if !bad.is_some_and(|bad| bad.contains(&line)) {
                            body.positions.push(position.clone());
                        }
                    }
                }
            }
        }
        body
    }

    fn tell(&self, truth: &mut Truth) {
        let code = ORGANIZATIONS[self.organization];
        let mut credits = self.credits();
        let mut flows = self.settle(&mut credits);
        let payments = self.payments(&mut flows, &mut credits);
        for (number, credit) in &credits {
            let state = match credit {
                Credit { reversed: true, .. } => "reversed",
                Credit { regularised: true, .. } => "regularised",
                _ => credit.state,
            };
            let line = format!("{state} {}", euro(credit.amount));
            truth.insert(format!("credit {code} {number}"), line);
        }
        for flow in &self.flows {
            let current = flows.iter().find(|current| std::ptr::eq(current.flow, flow));
            let (state, credited) =
                current.map_or(("superseded", 0), |current| (current.state, current.credited));
            let name = format!("flow {code} {} {:?} {}", flow.iuf, flow.revision, flow.minute);
            let (total, credited) = (euro(flow.total), euro(credited));
            truth.insert(name, format!("{state} {total} {credited}"));
        }
        for payment in &payments {
            let owner = self.owner(payment.iuv).map_or("-".to_owned(), |id| format!("P{id}"));
            let name = format!("payment {code} {} {}", iuv(payment.iuv), iur(payment.iur));
            let line = format!("{} {} {owner}", payment.state, euro(payment.amount));
            truth.insert(name, line);
        }
        for id in self.positions.iter().map(|position| position.id).collect::<BTreeSet<_>>() {
            let line = self.position(id, &payments);
            truth.insert(format!("position {code} P{id}"), line);
        }
    }

    /// §2: what the movements of each provvisorio come to.
    fn credits(&self) -> BTreeMap<u32, Credit> {
        let mut of: BTreeMap<u32, Vec<&Movement>> = BTreeMap::new();
        for movement in &self.movements {
            let rows = of.entry(movement.provvisorio).or_default();
            let same = |other: &&&Movement| {
                (other.order, other.deed, other.amount, other.day)
                    == (movement.order, movement.deed, movement.amount, movement.day)
            };
            // The same movement in another journal is one movement.
            if !rows.iter().any(|other| same(&other)) {
                rows.push(movement);
            }
        }
        of.into_iter()
            .filter_map(|(number, rows)| Some((number, Self::one_credit(&rows)?)))
            .collect()
    }

    fn one_credit(rows: &[&Movement]) -> Option<Credit> {
        let own = |deed| {
            let mut rows = rows.iter().filter(|row| row.order.is_none());
            rows.find(move |row| row.deed == deed).copied()
        };
        let first = own(Deed::Executed).or(own(Deed::Reversed))?;
        let sum = |by_order: bool, deeds: [Deed; 2]| -> i64 {
            rows.iter()
                .filter(|row| row.order.is_some() == by_order && deeds.contains(&row.deed))
                .map(|row| row.amount)
                .sum()
        };
        let done = sum(true, [Deed::Executed, Deed::Regularised])
            - sum(true, [Deed::Reversed, Deed::Restored]);
        let gone = own(Deed::Reversed).is_some() && own(Deed::Restored).is_none();
        Some(Credit {
            amount: first.amount,
            day: first.day,
            remittance: first.remittance.clone(),
            state: "open",
            reversed: gone,
            regularised: !gone && done >= first.amount,
        })
    }

    /// The revision in force of each flow: §4.
    fn in_force(&self) -> Vec<&Flow> {
        let mut current: Vec<&Flow> = Vec::new();
        for flow in &self.flows {
            let rank = |flow: &Flow| (flow.revision, flow.minute);
            match current.iter_mut().find(|known| known.iuf == flow.iuf) {
                Some(known) if rank(known) < rank(flow) => *known = flow,
                Some(_) => {}
                None => current.push(flow),
            }
        }
        current
    }

    /// §5: credits and flows side by side.
    fn settle(&self, credits: &mut BTreeMap<u32, Credit>) -> Vec<Current<'_>> {
        let in_force = self.in_force();
        let naming = |credits: &BTreeMap<u32, Credit>, iuf: &str| -> Vec<(u32, u32, i64)> {
            let mut naming: Vec<_> = credits
                .iter()
                .filter(|(_, credit)| {
                    !credit.reversed && credit.remittance == Remittance::Flow(iuf.to_owned())
                })
                .map(|(number, credit)| (credit.day, *number, credit.amount))
                .collect();
            naming.sort_unstable();
            naming
        };
        let mut flows = Vec::new();
        for flow in &in_force {
            let named_by = naming(credits, &flow.iuf);
            let sum: i64 = named_by.iter().map(|(.., amount)| amount).sum();
            let rest = sum - flow.total;
            let another = |other: &&&Flow| {
                other.iuf != flow.iuf
                    && other.provider == flow.provider
                    && other.total == rest
                    && naming(credits, &other.iuf).is_empty()
            };
            let joint = in_force.iter().any(|other| another(&other));
            let mut mark = |number: &u32, state| {
                credits.get_mut(number).expect("the credit is there").state = state;
            };
            if let [(_, only, _)] = named_by.as_slice()
                && rest > 0
                && joint
            {
                mark(only, "proposed");
                // What is proposed pays nothing; of nothing, nothing is missing.
                let state = if flow.total == 0 { "credited" } else { "reported" };
                let (payers, singly) = (Vec::new(), Vec::new());
                flows.push(Current { flow, state, credited: 0, payers, singly });
                continue;
            }
            let state = match sum.cmp(&flow.total) {
                _ if named_by.is_empty() && flow.total != 0 => "reported",
                std::cmp::Ordering::Equal => "credited",
                std::cmp::Ordering::Less => "partially_credited",
                std::cmp::Ordering::Greater => "over_credited",
            };
            let paying = match state {
                "credited" => named_by.iter().map(|(_, number, _)| *number).collect(),
                "over_credited" => not_surplus(flow.total, &named_by),
                _ => Vec::new(),
            };
            for (_, number, _) in &named_by {
                mark(number, if paying.contains(number) { "matched" } else { "anomaly" });
            }
            let payers = match state {
                "partially_credited" => named_by.iter().map(|(_, number, _)| *number).collect(),
                _ => paying,
            };
            flows.push(Current { flow, state, credited: sum, payers, singly: Vec::new() });
        }
        for credit in credits.values_mut() {
            // §3: nothing explains it yet.
            let known = |iuf: &String| in_force.iter().any(|flow| flow.iuf == *iuf);
            if matches!(&credit.remittance, Remittance::Flow(iuf) if !known(iuf)) {
                credit.state = "open";
            }
        }
        flows
    }

    /// §6: what lines in force and receipts tell of each payment, and where its money is.
    fn payments(
        &self,
        flows: &mut [Current<'_>],
        credits: &mut BTreeMap<u32, Credit>,
    ) -> Vec<Payment> {
        let mut payments = self.told(flows, credits);
        for credit in credits.values_mut() {
            let Remittance::Payment(iuv) = credit.remittance else { continue };
            if credit.reversed {
                continue;
            }
            let of_iuv = |payment: &&mut Payment| payment.iuv == iuv && payment.state != "revoked";
            let mut equal: Vec<_> = payments
                .iter_mut()
                .filter(of_iuv)
                .filter(|payment| payment.amount == credit.amount && payment.state != "credited")
                .collect();
            credit.state = match equal.as_mut_slice() {
                [one] => {
                    one.state = "credited";
                    if let Some(flow) = one.flow {
                        flows[flow].credited += credit.amount;
                        flows[flow].singly.push((one.iuv, one.iur));
                    }
                    "matched"
                }
                [] => "anomaly",
                _ => "ambiguous",
            };
        }
        for current in flows.iter_mut().filter(|current| !current.singly.is_empty()) {
            current.state = match current.credited.cmp(&current.flow.total) {
                std::cmp::Ordering::Less => "partially_credited",
                std::cmp::Ordering::Equal => "credited",
                std::cmp::Ordering::Greater => "over_credited",
            };
            if current.state == "credited" {
                for number in &current.payers {
                    credits.get_mut(number).expect("the credit is there").state = "matched";
                }
            }
        }
        let by_themselves: BTreeSet<_> = payments
            .iter()
            .filter(|payment| payment.state == "credited")
            .map(|payment| (payment.iuv, payment.iur))
            .collect();
        let mut payments = self.told(flows, credits);
        for payment in &mut payments {
            if by_themselves.contains(&(payment.iuv, payment.iur)) {
                payment.state = "credited";
            }
        }
        payments
    }

    /// Every payment with its state by the flows alone.
    fn told(&self, flows: &[Current<'_>], credits: &BTreeMap<u32, Credit>) -> Vec<Payment> {
        let lines = || flows.iter().flat_map(|current| current.flow.lines.iter());
        let reported: BTreeSet<_> =
            lines().map(|line| (line.payment.iuv, line.payment.iur)).collect();
        let mut alone: BTreeSet<_> =
            self.receipts.iter().map(|(payment, _)| (payment.iuv, payment.iur)).collect();
        alone.retain(|name| !reported.contains(name));
        let mut payments = Vec::new();
        for name in reported {
            let real = self.replacement(name, flows, &alone);
            if let Some(real) = real {
                alone.remove(&real);
            }
            payments.push(self.payment(name, real, flows, credits));
        }
        payments.extend(alone.into_iter().map(|name| self.payment(name, None, flows, credits)));
        payments
    }

    /// §4: the receipt of another IUR that replaces the one that a line with outcome 8 or 9
    /// implies.
    fn replacement(
        &self,
        name: (u32, u32),
        flows: &[Current<'_>],
        alone: &BTreeSet<(u32, u32)>,
    ) -> Option<(u32, u32)> {
        let lines = Self::lines_of(name, flows, false);
        let paying: Vec<_> = lines.iter().filter(|(.., line)| line.outcome != '3').collect();
        let implied = paying.iter().any(|(.., line)| matches!(line.outcome, '8' | '9'));
        if !implied || self.receipt(name).is_some() {
            return None;
        }
        let (.., first) = paying.first()?;
        let near = |receipt: &&Paid| {
            receipt.iuv == name.0
                && receipt.amount == first.payment.amount
                && receipt.day.abs_diff(first.payment.day) <= 3
        };
        let receipts = alone.iter().filter_map(|name| self.receipt(*name)).filter(near);
        let first = receipts.min_by_key(|receipt| (receipt.day, iur(receipt.iur)))?;
        Some((first.iuv, first.iur))
    }

    /// The most telling receipt of a payment.
    fn receipt(&self, name: (u32, u32)) -> Option<&Paid> {
        let mut told: Vec<_> = self
            .receipts
            .iter()
            .filter(|(payment, _)| (payment.iuv, payment.iur) == name)
            .collect();
        told.sort_by_key(|(_, second)| !second);
        told.first().map(|(payment, _)| payment)
    }

    /// The lines of a payment with the place of their flow and their own, by flow; the flow that
    /// was the first to come before all where `by_time`.
    fn lines_of<'f>(
        name: (u32, u32),
        flows: &'f [Current<'_>],
        by_time: bool,
    ) -> Vec<(usize, usize, &'f Line)> {
        let mut of = Vec::new();
        for (at, current) in flows.iter().enumerate() {
            let lines = current.flow.lines.iter().enumerate();
            let same = |line: &Line| (line.payment.iuv, line.payment.iur) == name;
            of.extend(lines.filter(|(_, line)| same(line)).map(|(place, line)| (at, place, line)));
        }
        of.sort_by_key(|(at, place, _)| {
            let flow = flows[*at].flow;
            let minute = if by_time { flow.minute } else { 0 };
            (minute, PROVIDERS[flow.provider], flow.iuf.clone(), *place)
        });
        of
    }

    fn payment(
        &self,
        (iuv, iur): (u32, u32),
        real: Option<(u32, u32)>,
        flows: &[Current<'_>],
        credits: &BTreeMap<u32, Credit>,
    ) -> Payment {
        let receipt = self.receipt(real.unwrap_or((iuv, iur)));
        let of = Self::lines_of((iuv, iur), flows, true);
        let first = of.iter().find(|(.., line)| line.outcome != '3').or(of.first());
        let counts = first.map(|(.., line)| &line.payment);
        let paid = |(at, place, _): &(usize, usize, &Line)| {
            let current = &flows[*at];
            matches!(current.state, "credited" | "over_credited")
                || current.state == "partially_credited"
                    && Self::assigned(current, credits).is_some_and(|to| to[*place])
        };
        let state = if of.iter().any(|(.., line)| line.outcome == '3') {
            "revoked"
        } else if of.iter().any(paid) {
            "credited"
        } else if of.is_empty() {
            "paid"
        } else {
            "reported"
        };
        let amount = counts.or(receipt).map_or(0, |payment| payment.amount);
        let day = receipt.or(counts).map_or(0, |payment| payment.day);
        Payment { iuv, iur, amount, day, state, flow: first.map(|(at, ..)| *at) }
    }

    /// §5: whether each line of a flow is paid by one of the credits, where there is one way alone
    /// to give lines to credits, but for those that a credit of their own pays. Every way is tried.
    fn assigned(current: &Current<'_>, credits: &BTreeMap<u32, Credit>) -> Option<Vec<bool>> {
        let lines = &current.flow.lines;
        let plain: i64 = lines.iter().map(|line| line.payment.amount).sum();
        let signed = |outcome: char, amount: i64| if outcome == '3' { -amount } else { amount };
        let algebraic: i64 =
            lines.iter().map(|line| signed(line.outcome, line.payment.amount)).sum();
        let takes_off = current.flow.total == algebraic || current.flow.total != plain;
        let singly = |line: &Line| current.singly.contains(&(line.payment.iuv, line.payment.iur));
        let counted =
            |line: &Line| signed(if takes_off { line.outcome } else { '0' }, line.payment.amount);
        let others: Vec<_> = lines.iter().filter(|line| !singly(line)).collect();
        let amounts: Vec<i64> = others.iter().map(|line| counted(line)).collect();
        let apart: i64 = lines.iter().filter(|line| singly(line)).map(counted).sum();
        let mut parts: Vec<i64> =
            current.payers.iter().map(|number| credits[number].amount).collect();
        let credits_in = parts.len();
        parts.push(current.flow.total - apart - parts.iter().sum::<i64>());
        let mut right = Vec::new();
        for number in 0..parts.len().pow(u32::try_from(others.len()).expect("a world is small")) {
            let mut to = Vec::new();
            let mut left = parts.clone();
            let mut number = number;
            for amount in &amounts {
                to.push(number % parts.len());
                left[number % parts.len()] -= amount;
                number /= parts.len();
            }
            if left.iter().all(|left| *left == 0) {
                right.push(to);
            }
        }
        match right.as_slice() {
            [only] => {
                let mut to = only.iter().map(|part| *part < credits_in);
                Some(lines.iter().map(|line| singly(line) || to.next() == Some(true)).collect())
            }
            _ => None,
        }
    }

    /// The position that an IUV belongs to: the one that any version of says so.
    fn owner(&self, iuv: u32) -> Option<u32> {
        let owns = |position: &&Position| position.notices.iter().any(|notice| notice.iuv == iuv);
        self.positions.iter().find(owns).map(|position| position.id)
    }

    /// §6: what was due, paid, is left and must be given back.
    fn position(&self, id: u32, payments: &[Payment]) -> String {
        let versions = self.positions.iter().filter(|position| position.id == id);
        let position = versions.max_by_key(|position| position.version).expect("it has a version");
        let mut paid: Vec<&Payment> = payments
            .iter()
            .filter(|payment| self.owner(payment.iuv) == Some(id) && payment.state != "revoked")
            .collect();
        paid.sort_by_key(|payment| (payment.day, iuv(payment.iuv), iur(payment.iur)));
        let sum: i64 = paid.iter().map(|payment| payment.amount).sum();
        let mut so_far = 0;
        let mut covered = None;
        for payment in &paid {
            so_far += payment.amount;
            let due = due_on(position, payment.day);
            if so_far >= due {
                covered = Some((due, payment.day));
                break;
            }
        }
        let matured = |due: i64| {
            let come = |states: &[&str]| -> i64 {
                let here = paid.iter().filter(|payment| states.contains(&payment.state));
                here.map(|payment| payment.amount).sum()
            };
            if come(&["credited"]) >= due {
                "credited"
            } else if come(&["credited", "reported"]) >= due {
                "reported"
            } else {
                "paid"
            }
        };
        let (state, due, residual, refundable, minor) = match covered {
            _ if position.cancelled => ("cancelled", 0, 0, sum, None),
            Some((due, day)) => (matured(due), due, 0, sum - due, Some(day)),
            None => {
                let due = due_on(position, TODAY);
                let state = if paid.is_empty() { "unpaid" } else { "partially_paid" };
                (state, due, due - sum, 0, None)
            }
        };
        let minor = minor.map_or(0, |day| minor_revenue(position, day));
        let [due, sum, residual, refundable, minor] =
            [due, sum, residual, refundable, minor].map(euro);
        format!("{state} due {due} paid {sum} left {residual} back {refundable} minor {minor}")
    }
}

/// The credits of a flow over-credited that are no surplus: the first that is its total alone, else
/// the earliest, each that still fits.
fn not_surplus(total: i64, named_by: &[(u32, u32, i64)]) -> Vec<u32> {
    if let Some((_, number, _)) = named_by.iter().find(|(.., amount)| *amount == total) {
        return vec![*number];
    }
    let mut within = Vec::new();
    let mut sum = 0;
    for (_, number, amount) in named_by {
        if sum + amount <= total {
            within.push(*number);
            sum += amount;
        }
    }
    within
}

/// A payment is in time two days after the term still (art. 17-quinquies DL 18/2016).
const TOLERANCE: u32 = 2;

/// The notice that closes the debt if it is paid on a day; `None` for a plan, and after every term.
fn closing(position: &Position, day: u32) -> Option<&Notice> {
    let of = |tier: Tier| position.notices.iter().find(|notice| notice.tier == tier);
    let in_time = |notice: &&Notice| day <= notice.due + TOLERANCE;
    of(Tier::Single).or(of(Tier::Reduced).filter(in_time)).or(of(Tier::Full).filter(in_time))
}

/// The whole debt if it is paid on a day.
fn due_on(position: &Position, day: u32) -> i64 {
    let plan = position.notices.iter().filter(|one| matches!(one.tier, Tier::Installment(_)));
    let plan: Vec<_> = plan.map(|notice| notice.amount).collect();
    match closing(position, day) {
        _ if !plan.is_empty() => plan.iter().sum(),
        Some(notice) => notice.amount,
        None => position.notices.iter().map(|notice| notice.amount).max().unwrap_or(0),
    }
}

/// What the office loses because the reduced sum closed the fine in time.
fn minor_revenue(position: &Position, day: u32) -> i64 {
    let full = position.notices.iter().find(|notice| notice.tier == Tier::Full);
    match (closing(position, day), full) {
        (Some(Notice { tier: Tier::Reduced, amount, .. }), Some(full)) => {
            (full.amount - amount).max(0)
        }
        _ => 0,
    }
}
