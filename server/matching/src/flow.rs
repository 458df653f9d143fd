//! Min-cost flow by successive shortest paths, the proof behind the bound of the weight.
//!
//! Each Dijkstra stops at the sink, which makes thousands of augmentations a matter of milliseconds.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

#[derive(Default)]
pub(crate) struct Flow {
    arcs: Vec<Arc>,
    out: Vec<Vec<u32>>,
}

struct Arc {
    to: u32,
    left: u32,
    cost: i64,
}

impl Flow {
    pub fn new(nodes: usize) -> Self {
        Self { arcs: Vec::new(), out: vec![Vec::new(); nodes] }
    }

    /// Adds a node and gives its number.
    pub fn node(&mut self) -> usize {
        self.out.push(Vec::new());
        self.out.len() - 1
    }

    /// Adds an arc and gives its number, by which [`Self::carried`] asks for its flow.
    pub fn arc(&mut self, from: usize, to: usize, capacity: u32, cost: i64) -> usize {
        let number = self.arcs.len();
        self.out[from].push(number as u32);
        self.out[to].push(number as u32 + 1);
        self.arcs.push(Arc { to: to as u32, left: capacity, cost });
        self.arcs.push(Arc { to: from as u32, left: 0, cost: -cost });
        number
    }

    pub fn carried(&self, arc: usize) -> u32 {
        self.arcs[arc ^ 1].left
    }

    /// Sends flow from source to sink as long as each unit lowers the cost, and gives the total cost.
    ///
    /// The network must have no cycle of negative cost when it is empty.
    pub fn run(&mut self, source: usize, sink: usize) -> i128 {
        let mut height = self.first_heights(source);
        let mut total = 0i128;
        let nodes = self.out.len();
        let mut distance = vec![i64::MAX; nodes];
        let mut by = vec![u32::MAX; nodes];
        while let Some(touched) = self.shortest(source, sink, &height, &mut distance, &mut by) {
            let end = distance[sink];
            for &v in &touched {
                if distance[v as usize] < end {
                    height[v as usize] += distance[v as usize] - end;
                }
            }
            let cost = height[sink] - height[source];
            if cost >= 0 {
                break;
            }
            let mut room = u32::MAX;
            let mut v = sink;
            while v != source {
                let arc = by[v] as usize;
                room = room.min(self.arcs[arc].left);
                v = self.arcs[arc ^ 1].to as usize;
            }
            v = sink;
            while v != source {
                let arc = by[v] as usize;
                self.arcs[arc].left -= room;
                self.arcs[arc ^ 1].left += room;
                v = self.arcs[arc ^ 1].to as usize;
            }
            total += i128::from(room) * i128::from(cost);
            for v in touched {
                distance[v as usize] = i64::MAX;
            }
        }
        total
    }

    /// Dijkstra on reduced costs until the sink is final; the nodes it touched, or none without a path.
    fn shortest(
        &self,
        source: usize,
        sink: usize,
        height: &[i64],
        distance: &mut [i64],
        by: &mut [u32],
    ) -> Option<Vec<u32>> {
        let mut heap = BinaryHeap::new();
        let mut touched = vec![source as u32];
        distance[source] = 0;
        heap.push((Reverse(0i64), source as u32));
        while let Some((Reverse(d), v)) = heap.pop() {
            let v = v as usize;
            if d > distance[v] {
                continue;
            }
            if v == sink {
                return Some(touched);
            }
            for &number in &self.out[v] {
                let arc = &self.arcs[number as usize];
                let to = arc.to as usize;
                if arc.left == 0 || height[to] == i64::MAX {
                    continue;
                }
                let next = d + arc.cost + height[v] - height[to];
                if next < distance[to] {
                    if distance[to] == i64::MAX {
                        touched.push(arc.to);
                    }
                    distance[to] = next;
                    by[to] = number;
                    heap.push((Reverse(next), arc.to));
                }
            }
        }
        None
    }

    /// Shortest distances of the empty network, by Bellman and Ford; nodes out of reach stay at the maximum.
    fn first_heights(&self, source: usize) -> Vec<i64> {
        let mut height = vec![i64::MAX; self.out.len()];
        height[source] = 0;
        let mut queue = std::collections::VecDeque::from([source]);
        let mut queued = vec![false; self.out.len()];
        while let Some(v) = queue.pop_front() {
            queued[v] = false;
            for &number in &self.out[v] {
                let arc = &self.arcs[number as usize];
                let to = arc.to as usize;
                if arc.left > 0 && height[v] + arc.cost < height[to] {
                    height[to] = height[v] + arc.cost;
                    if !queued[to] {
                        queued[to] = true;
                        queue.push_back(to);
                    }
                }
            }
        }
        height
    }
}
