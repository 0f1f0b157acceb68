//! The gateway behind a host: it begins the day, answers other threads, and shows itself.
//!
//! Decides nothing: sessions and kernel do. What comes from other threads is stepped like what
//! comes by a session, and is durable before it is answered.

use ringfence_fix::codec::Message;
use ringfence_fix::endpoint::{Application, Context, FoldError, SessionIndex};
use ringfence_gateway::{Gateway, GatewaySettings};
use ringfence_kernel::Input;
use ringfence_kernel::types::Ts;

use crate::closing::{ClosingDay, Opening};
use crate::host::{DayBefore, Hosted};
use crate::jsonl;

/// Most inputs of one command.
pub const INPUTS_MAX: usize = 65_536;

/// What another thread asks of a gateway.
#[derive(Clone, Debug)]
pub enum NodeCommand {
    /// These inputs are decided, in order; at most [`INPUTS_MAX`].
    Inputs(Vec<Input>),
    /// It shows itself.
    Show,
    /// It digests its whole state, which takes as long as the state is large.
    Digest,
}

/// What it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeAnswer {
    /// The events of the inputs as JSON Lines.
    Events(String),
    /// More inputs than [`INPUTS_MAX`]; none was decided.
    TooMany,
    /// How it stands.
    Shown(NodeStatus),
    /// The step, and the digest of the state after it.
    Digested(u64, [u8; 32]),
}

/// How a gateway stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeStatus {
    /// Inputs decided.
    pub step: u64,
    /// Open parent orders.
    pub open_orders: usize,
    /// Whether each session is logged on without a gap, in the order of the settings.
    pub sessions_up: Vec<bool>,
}

/// A gateway with what it begins its day with.
#[derive(Debug)]
pub struct GatewayNode {
    gateway: Gateway,
    session_count: usize,
    definitions: Vec<Input>,
    inputs: Vec<Input>,
    opening: Opening,
}

impl GatewayNode {
    /// Returns a gateway that begins its day with `definitions`, and a new day with `inputs` after
    /// them.
    pub fn new(settings: GatewaySettings, definitions: Vec<Input>, inputs: Vec<Input>) -> Self {
        let (session_count, opening) = (settings.links.len(), Opening::of(&definitions));
        Self { gateway: Gateway::new(settings), session_count, definitions, inputs, opening }
    }
    /// Returns the gateway that holds the day before against `opening`.
    #[must_use]
    pub fn with_opening(self, opening: Opening) -> Self {
        Self { opening, ..self }
    }
    fn decide(&mut self, inputs: &[Input], context: &mut dyn Context) -> String {
        let mut lines = String::new();
        for input in inputs {
            let before = self.gateway.kernel().state().step;
            let events = self.gateway.step(input, None, context).to_vec();
            let seq = self.gateway.kernel().state().step;
            if seq > before {
                events.iter().for_each(|event| {
                    jsonl::write_event(seq, context.now(), event, &mut lines);
                });
            }
        }
        lines
    }
    fn status(&self, context: &dyn Context) -> NodeStatus {
        let state = self.gateway.kernel().state();
        let sessions = (0..u16::MAX).map(SessionIndex::new).take(self.session_count);
        NodeStatus {
            step: state.step,
            open_orders: state.orders.open_orders().count(),
            sessions_up: sessions.map(|session| context.is_up(session)).collect(),
        }
    }
}

impl Hosted for GatewayNode {
    type Command = NodeCommand;
    type Answer = NodeAnswer;

    fn day_before(&self) -> Option<Box<dyn DayBefore>> {
        Some(Box::new(ClosingDay::new(self.opening.clone())))
    }
    fn begin(&mut self, context: &mut dyn Context) -> Result<(), String> {
        let is_new = self.gateway.kernel().state().step == 0;
        let definitions = core::mem::take(&mut self.definitions);
        self.gateway.begin(&definitions, context).map_err(|why| why.to_string())?;
        let inputs = core::mem::take(&mut self.inputs);
        if is_new {
            self.decide(&inputs, context);
        }
        Ok(())
    }
    fn unsettled_count(&self) -> usize {
        if self.gateway.is_drained() {
            return 0;
        }
        self.gateway.kernel().state().orders.open_orders().count()
    }
    fn command(&mut self, command: NodeCommand, context: &mut dyn Context) -> NodeAnswer {
        match command {
            NodeCommand::Inputs(inputs) if inputs.len() > INPUTS_MAX => NodeAnswer::TooMany,
            NodeCommand::Inputs(inputs) => NodeAnswer::Events(self.decide(&inputs, context)),
            NodeCommand::Show => NodeAnswer::Shown(self.status(context)),
            NodeCommand::Digest => {
                let state = self.gateway.kernel().state();
                NodeAnswer::Digested(state.step, state.digest())
            }
        }
    }
}

impl Application for GatewayNode {
    fn session_changed(&mut self, session: SessionIndex, is_up: bool, context: &mut dyn Context) {
        self.gateway.session_changed(session, is_up, context);
    }
    fn deliver(&mut self, session: SessionIndex, message: &Message<'_>, context: &mut dyn Context) {
        self.gateway.deliver(session, message, context);
    }
    fn refused(
        &mut self,
        session: SessionIndex,
        message: &Message<'_>,
        sent: Option<(&str, &[u8])>,
        context: &mut dyn Context,
    ) {
        self.gateway.refused(session, message, sent, context);
    }
    fn tick(&mut self, context: &mut dyn Context) {
        self.gateway.tick(context);
    }
    fn due(&self) -> Option<Ts> {
        self.gateway.due()
    }
    fn fold(&mut self, ts: Ts, payload: &[u8]) -> Result<(), FoldError> {
        self.gateway.fold(ts, payload)
    }
    fn may_resend(&self, session: SessionIndex, msg_type: &str) -> bool {
        self.gateway.may_resend(session, msg_type)
    }
    fn is_settled(&self, session: SessionIndex) -> bool {
        self.gateway.is_settled(session)
    }
    fn open_count(&self, session: SessionIndex) -> usize {
        self.gateway.open_count(session)
    }
    fn drain(&mut self, context: &mut dyn Context) {
        self.gateway.drain(context);
    }
    fn is_drained(&self) -> bool {
        self.gateway.is_drained()
    }
}
