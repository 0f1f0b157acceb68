//! What load does to a venue: latency and loss as the load nears the capacity.

use ringfence_kernel::types::Bps;

/// Most points of a curve.
pub const CURVE_POINTS_MAX: usize = 32;

/// One point of a curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CurvePoint {
    /// Load as a share of the capacity; may be above one.
    pub load: Bps,
    /// Latency added to every answer.
    pub latency_ns: i64,
    /// Share of the requests that are lost.
    pub loss: Bps,
}

/// Why points are no curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CurveError {
    /// None, or too many.
    Count,
    /// Loads do not rise, or a latency or loss is outside its range.
    Point,
}

/// Latency and loss by load, straight between its points and level beyond its last.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Curve {
    points: Vec<CurvePoint>,
}

impl Curve {
    /// Returns the curve through `points`, which rise in load.
    pub fn new(points: Vec<CurvePoint>) -> Result<Self, CurveError> {
        if points.is_empty() || points.len() > CURVE_POINTS_MAX {
            return Err(CurveError::Count);
        }
        let rises = points.windows(2).all(|pair| match pair {
            [low, high] => low.load < high.load,
            _ => true,
        });
        let is_in_range = |point: &CurvePoint| {
            point.load.get() >= 0
                && point.latency_ns >= 0
                && (0..=10_000).contains(&point.loss.get())
        };
        let fits = rises && points.iter().all(is_in_range);
        fits.then_some(Self { points }).ok_or(CurveError::Point)
    }
    /// Returns latency and loss at a load; none below the first point.
    pub fn at(&self, load: Bps) -> (i64, Bps) {
        let behind = self.points.partition_point(|point| point.load <= load);
        let Some(low) = behind.checked_sub(1).and_then(|at| self.points.get(at)) else {
            return (0, Bps::new(0));
        };
        let Some(high) = self.points.get(behind) else {
            return (low.latency_ns, low.loss);
        };
        let part = i128::from(load.get() - low.load.get());
        let whole = i128::from(high.load.get() - low.load.get());
        let between = |from: i128, to: i128| from + (to - from) * part / whole;
        let latency = between(low.latency_ns.into(), high.latency_ns.into());
        let loss = between(low.loss.get().into(), high.loss.get().into());
        (
            i64::try_from(latency).unwrap_or(i64::MAX),
            Bps::new(i32::try_from(loss).unwrap_or(10_000)),
        )
    }
}
