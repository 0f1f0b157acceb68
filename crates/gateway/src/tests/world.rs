//! A small broker behind the gateway: one client, one drop copy, two venues, no sockets.

use ringfence_fix::codec::{Body, Message, Parser, encode};
use ringfence_fix::endpoint::{Application, Context, SessionIndex};
use ringfence_fix::tag::{self, Tag};
use ringfence_fix::terms::Version;
use ringfence_kernel::Input;
use ringfence_kernel::limit::LimitKey;
use ringfence_kernel::types::{FieldSpec, Fields, Name, Scalar, Ts};

use crate::{Gateway, GatewaySettings, Link, Role};

pub(super) const CLIENT: SessionIndex = SessionIndex::new(0);
pub(super) const COPY: SessionIndex = SessionIndex::new(1);
pub(super) const LIT1: SessionIndex = SessionIndex::new(2);
pub(super) const LIT2: SessionIndex = SessionIndex::new(3);
pub(super) const START: i64 = 1_375_363_800_000_000_000;
pub(super) const LIT1_COPY: SessionIndex = SessionIndex::new(4);
const SECOND: i64 = 1_000_000_000;

/// A message that the gateway sent.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) to: SessionIndex,
    pub(super) msg_type: String,
    fields: Vec<(Tag, String)>,
}

impl Sent {
    pub(super) fn get(&self, tag: Tag) -> &str {
        let found = self.fields.iter().find(|(own, _)| *own == tag);
        found.map_or("", |(_, value)| value.as_str())
    }
    /// Returns the fields as they are encoded.
    pub(super) fn body(&self) -> String {
        self.fields.iter().map(|(tag, value)| format!("{tag}={value}\x01")).collect()
    }
    /// Returns a business reject (FIX 35=j) as the sessions write it.
    pub(super) fn business_reject(to: SessionIndex, reason: u16, text: &str) -> Self {
        let fields = [(45, "1"), (372, "D"), (379, "C1"), (380, &reason.to_string()), (58, text)];
        let fields = fields.map(|(tag, value)| (Tag::new(tag), value.to_owned()));
        Self { to, msg_type: "j".to_owned(), fields: fields.to_vec() }
    }
    /// Returns type and the fields that an order's life is told by: 150, 39, 38, 14, 151.
    pub(super) fn short(&self) -> String {
        let told = [tag::EXEC_TYPE, tag::ORD_STATUS, tag::ORDER_QTY, tag::CUM_QTY, tag::LEAVES_QTY];
        let values: Vec<&str> = told.iter().map(|tag| self.get(*tag)).collect();
        format!("{} {}", self.msg_type, values.join(" "))
    }
}

/// Collects what an application does.
#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) now: i64,
    pub(super) records: Vec<(Ts, Vec<u8>)>,
    pub(super) sent: Vec<Sent>,
    pub(super) refused: Vec<(SessionIndex, u16, String)>,
    pub(super) notes: Vec<String>,
    pub(super) alerts: Vec<String>,
    /// The session that stands at a backup for a drill.
    pub(super) drilled: Option<SessionIndex>,
}

impl Context for Log {
    fn now(&self) -> Ts {
        Ts::from_nanos(self.now)
    }
    fn record(&mut self, write: &mut dyn FnMut(&mut Vec<u8>)) {
        let mut payload = Vec::new();
        write(&mut payload);
        self.records.push((self.now(), payload));
    }
    fn send(&mut self, session: SessionIndex, msg_type: &str, body: &Body) {
        assert!(!self.records.is_empty(), "I5: a message without a record");
        let fields = body.bytes().split(|byte| *byte == 1).filter(|field| !field.is_empty());
        let fields = fields.map(|field| {
            let text = String::from_utf8(field.to_vec()).unwrap();
            let (tag, value) = text.split_once('=').unwrap();
            (Tag::new(tag.parse().unwrap()), value.to_owned())
        });
        let (to, msg_type) = (session, msg_type.to_owned());
        self.sent.push(Sent { to, msg_type, fields: fields.collect() });
    }
    fn is_up(&self, _session: SessionIndex) -> bool {
        true
    }
    fn is_drilled(&self, session: SessionIndex) -> bool {
        self.drilled == Some(session)
    }
    fn business_reject(
        &mut self,
        session: SessionIndex,
        _message: &Message<'_>,
        reason: u16,
        text: &str,
    ) {
        self.refused.push((session, reason, text.to_owned()));
    }
    fn logout(&mut self, _session: SessionIndex, _text: &str) {}
    fn note(&mut self, _session: Option<SessionIndex>, text: String) {
        self.notes.push(text);
    }
    fn alert(&mut self, _session: Option<SessionIndex>, text: String) {
        self.alerts.push(text);
    }
}

/// The gateway with its log.
pub(super) struct World {
    pub(super) gateway: Gateway,
    pub(super) log: Log,
    version: Version,
    seq: u64,
    exec: u64,
}

pub(super) fn settings(version: Version) -> GatewaySettings {
    let link = |role| Link { version, role };
    let venue = |name| Role::Venue { venue: Name::clipped(name), market_data: true };
    let mut settings = GatewaySettings::new(vec![
        link(Role::Client { name: Name::clipped("ALICE") }),
        link(Role::DropCopy),
        link(venue("LIT1")),
        link(venue("LIT2")),
        link(Role::VenueDropCopy { venue: Name::clipped("LIT1") }),
    ]);
    settings.copied_accounts.insert(COPY, vec![Name::clipped("*")]);
    settings
}

/// The fields of a line such as `'name':'text','other':1`.
struct Line(Vec<(String, String)>);

impl Fields for Line {
    fn field(&self, name: &str) -> Option<Scalar<'_>> {
        let (_, value) = self.0.iter().find(|(own, _)| own == name)?;
        Some(match value.as_str() {
            "true" | "false" => Scalar::Bool(value == "true"),
            text => match text.strip_prefix('\'') {
                Some(quoted) => Scalar::Text(quoted.trim_end_matches('\'')),
                None => Scalar::Number(text),
            },
        })
    }
    fn stray(&self, known: &[FieldSpec]) -> Option<String> {
        let is_known = |name: &str| known.iter().any(|field| field.name == name);
        self.0.iter().map(|(name, _)| name.clone()).find(|name| !is_known(name))
    }
}

fn input(line: &str) -> Input {
    let mut fields = Vec::new();
    // A comma between quotes is never followed by a quote.
    for field in line.split(",'") {
        let (name, value) = field.split_once("':").unwrap();
        fields.push((name.trim_start_matches('\'').to_owned(), value.to_owned()));
    }
    let (_, name) = fields.remove(0);
    Input::read(name.trim_matches('\''), &Line(fields)).unwrap()
}

pub(super) fn definitions() -> Vec<Input> {
    let mut lines = vec![
        "'input':'gateway_definition','node':'N1','build':'t','base_currency':'USD',\
         'error_account':'error','rearm_max':2"
            .to_owned(),
    ];
    for key in LimitKey::ALL {
        let value = match key.name() {
            name if name.ends_with("_window") => "1000000000",
            "cancel_reserve_count" => "0",
            "order_qty" => "1000",
            _ => "UNLIMITED",
        };
        lines.push(format!(
            "'input':'limit_definition','limits':'all','limit':'{}','value':'{value}',\
             'warn':10000,'restrict':10000",
            key.name()
        ));
    }
    for text in [
        "'input':'tick_definition','ladder':'us','from_px':'0','tick':'0.01'",
        "'input':'phase_definition','plan':'p','phase':'continuous','ord_types':\
         'market,limit,stop','sources':'mid,last','age_max':600000000000,'collar':5000,\
         'drift':5000,'drift_window':1000000000",
        "'input':'phase_definition','plan':'p','phase':'overnight','ord_types':'limit',\
         'sources':'mid,last','age_max':600000000000,'collar':5000,'drift':5000,\
         'drift_window':1000000000",
        "'input':'account_definition','account':'firm','limits':'all','tradable':false",
        "'input':'account_definition','account':'alice','above':'firm','limits':'all',\
         'tradable':true,'self_match_group':'a','self_match_policy':'allow'",
        "'input':'account_definition','account':'error','above':'firm','limits':'all',\
         'tradable':true,'self_match_group':'e','self_match_policy':'allow'",
        "'input':'strategy_definition','strategy':'DMA','direct':true",
        "'input':'venue_definition','venue':'LIT1','provisional':false,\
         'ack_timeout':1000000000,'message_max':1000",
        "'input':'venue_definition','venue':'LIT2','provisional':false,\
         'ack_timeout':1000000000,'message_max':1000",
        "'input':'instrument_definition','symbol':'BAC','currency':'USD','multiplier':1,\
         'lot_size':1,'ladder':'us','plan':'p','limits':'all','average_volume':100000000,\
         'shares_outstanding':10000000000,'negative_prices':false,'banded':false,\
         'short_sale_rules':true",
        "'input':'session_definition','session':'ALICE','ord_types':'market,limit,stop',\
         'phases':'continuous,overnight','cancel_on_disconnect':false",
        "'input':'entitlement','session':'ALICE','scope_kind':'account','scope':'*'",
        "'input':'entitlement','session':'ALICE','scope_kind':'symbol','scope':'*'",
        "'input':'entitlement','session':'ALICE','scope_kind':'venue','scope':'*'",
        "'input':'entitlement','session':'ALICE','scope_kind':'strategy','scope':'*'",
        "'input':'day_open','trade_date':'2013-08-01','config_digest':'00'",
    ] {
        lines.push(text.to_owned());
    }
    lines.iter().map(|line| input(line)).collect()
}

impl World {
    /// Returns a gateway that has begun its day and whose sessions are down.
    pub(super) fn begun(version: Version) -> Self {
        let log = Log { now: START, ..Log::default() };
        let gateway = Gateway::new(settings(version));
        let mut world = Self { gateway, log, version, seq: 0, exec: 0 };
        world.gateway.begin(&definitions(), &mut world.log).unwrap();
        world
    }
    /// Returns a gateway with every session up, a market and buying power.
    pub(super) fn open(version: Version) -> Self {
        let mut world = Self::begun(version);
        for session in [CLIENT, COPY, LIT1, LIT2] {
            world.gateway.session_changed(session, true, &mut world.log);
        }
        for line in [
            "'input':'phase_change','phase':'continuous'",
            "'input':'quote','symbol':'BAC','bid_px':'9.99','ask_px':'10.01'",
            "'input':'margin_requirement','account':'alice','requirement':10000,\
             'buying_power':'100000000'",
        ] {
            world.gateway.step(&input(line), None, &mut world.log);
        }
        world.log.sent.clear();
        world.log.alerts.clear();
        world
    }
    /// Hands a message in; `fields` are `tag=value` separated by bars.
    pub(super) fn deliver(&mut self, from: SessionIndex, msg_type: &str, fields: &str) {
        self.seq += 1;
        let header = format!("35={msg_type}\x0134={}\x01", self.seq);
        let mut body = fields.replace('|', "\x01");
        body.push('\x01');
        let mut raw = Vec::new();
        encode(self.version.begin_string(), header.as_bytes(), body.as_bytes(), &mut raw);
        let mut parser = Parser::default();
        let message = parser.parse(&raw).unwrap();
        self.gateway.deliver(from, &message, &mut self.log);
    }
    /// Lets an input come in by the control socket; `line` as `'name':'text','other':1`.
    pub(super) fn tell(&mut self, line: &str) {
        self.gateway.step(&input(line), None, &mut self.log);
    }
    /// Lets the process die and come back from its records; every session is down.
    pub(super) fn restart(&mut self) {
        let mut gateway = Gateway::new(settings(self.version));
        for (ts, payload) in &self.log.records {
            gateway.fold(*ts, payload).unwrap();
        }
        self.gateway = gateway;
        self.gateway.begin(&definitions(), &mut self.log).unwrap();
    }
    /// Lets a session come up or go down.
    pub(super) fn session(&mut self, session: SessionIndex, is_up: bool) {
        self.gateway.session_changed(session, is_up, &mut self.log);
    }
    /// Lets a session reject come in; `sent` is what it refuses.
    pub(super) fn refuse(&mut self, from: SessionIndex, fields: &str, sent: Option<(&str, &str)>) {
        let mut body = fields.replace('|', "\x01");
        body.push('\x01');
        let mut raw = Vec::new();
        encode(self.version.begin_string(), b"35=3\x0134=1\x01", body.as_bytes(), &mut raw);
        let mut parser = Parser::default();
        let message = parser.parse(&raw).unwrap();
        let sent = sent.map(|(msg_type, body)| (msg_type, body.replace('|', "\x01")));
        let sent = sent.as_ref().map(|(msg_type, body)| (*msg_type, body.as_bytes()));
        self.gateway.refused(from, &message, sent, &mut self.log);
    }
    /// Enters an order for 100 BAC at 10.00 to LIT1 and returns its ClOrdID at the venue.
    pub(super) fn order(&mut self, id: &str) -> String {
        self.order_at("LIT1", id)
    }
    /// Enters such an order to a venue.
    pub(super) fn order_at(&mut self, venue: &str, id: &str) -> String {
        let terms = format!("1=alice|100={venue}|55=BAC|54=1|38=100|40=2|44=10.00|59=0");
        self.deliver(CLIENT, "D", &format!("11={id}|{terms}"));
        let sent = self.log.sent.iter().rev().find(|sent| sent.msg_type == "D");
        sent.map(|sent| sent.get(tag::CL_ORD_ID).to_owned()).unwrap_or_default()
    }
    /// Lets a venue report; `fields` after the ClOrdID.
    pub(super) fn report(&mut self, from: SessionIndex, id: &str, fields: &str) {
        self.exec += 1;
        let exec = self.exec;
        self.deliver(from, "8", &format!("11={id}|37=V1|17=E{exec}|{fields}"));
    }
    /// Lets time pass.
    pub(super) fn wait(&mut self, seconds: i64) {
        self.log.now += seconds * SECOND;
        self.gateway.tick(&mut self.log);
    }
    /// Takes what was sent to a session since the last time.
    pub(super) fn take(&mut self, to: SessionIndex) -> Vec<Sent> {
        let (taken, kept) = self.log.sent.drain(..).partition(|sent| sent.to == to);
        self.log.sent = kept;
        taken
    }
    /// Returns the ClOrdID of the last message of a type to a session, and leaves it there.
    pub(super) fn last_id(&self, to: SessionIndex, msg_type: &str) -> String {
        let mut sent = self.log.sent.iter().rev();
        let found = sent.find(|sent| sent.to == to && sent.msg_type == msg_type).unwrap();
        found.get(tag::CL_ORD_ID).to_owned()
    }
    pub(super) fn take_short(&mut self, to: SessionIndex) -> Vec<String> {
        self.take(to).iter().map(Sent::short).collect()
    }
}
