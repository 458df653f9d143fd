//! A link between two programs that can be made bad: delayed, slow, silent (nothing passes and nobody is told), cut.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinHandle,
};

/// What the link is like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Weather {
    Fair,
    /// Every piece waits this long before it goes on.
    Delayed(Duration),
    /// Bytes a second, each way and each connection.
    Slow(u32),
    /// Half open: connections stay and new ones are taken, but nothing passes.
    Silent,
    /// Connections are closed, and new ones too.
    Cut,
}

/// A port on loopback behind which another one lies.
pub struct Link {
    pub address: SocketAddr,
    weather: watch::Sender<Weather>,
    task: JoinHandle<()>,
}

impl Link {
    pub async fn to(upstream: SocketAddr) -> anyhow::Result<Link> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (weather, watched) = watch::channel(Weather::Fair);
        let task = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(carry(near, upstream, watched.clone()));
            }
        });
        Ok(Link { address, weather, task })
    }

    pub fn set(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }

    /// Bad for a while, then fair again.
    pub async fn set_for(&self, weather: Weather, time: Duration) {
        self.set(weather);
        tokio::time::sleep(time).await;
        self.set(Weather::Fair);
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn carry(near: TcpStream, upstream: SocketAddr, mut weather: watch::Receiver<Weather>) {
    if *weather.borrow() == Weather::Cut {
        return;
    }
    let _ = weather.wait_for(|now| *now != Weather::Silent).await;
    let Ok(far) = TcpStream::connect(upstream).await else { return };
    let _ = (near.set_nodelay(true), far.set_nodelay(true));
    let (near_read, near_write) = near.into_split();
    let (far_read, far_write) = far.into_split();
    // When one way ends, so does the other: both streams are dropped.
    tokio::select! {
        () = pass(near_read, far_write, weather.clone()) => {}
        () = pass(far_read, near_write, weather.clone()) => {}
        _ = weather.wait_for(|now| *now == Weather::Cut) => {}
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut weather: watch::Receiver<Weather>) {
    let mut piece = vec![0; 16 << 10];
    loop {
        let Ok(count @ 1..) = from.read(&mut piece).await else { return };
        let Ok(now) = weather.wait_for(|now| *now != Weather::Silent).await.map(|now| *now) else { return };
        match now {
            Weather::Delayed(time) => tokio::time::sleep(time).await,
            Weather::Slow(bytes) => tokio::time::sleep(Duration::from_secs_f64(count as f64 / f64::from(bytes))).await,
            Weather::Fair | Weather::Silent | Weather::Cut => {}
        }
        if to.write_all(&piece[..count]).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::{Instant, timeout};

    const SHORT: Duration = Duration::from_millis(200);

    /// A server that says everything back, and a connection to it through a link.
    async fn echo() -> (Link, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let upstream = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut read, mut write) = stream.into_split();
                    let _ = tokio::io::copy(&mut read, &mut write).await;
                });
            }
        });
        let link = Link::to(upstream).await.unwrap();
        let stream = TcpStream::connect(link.address).await.unwrap();
        (link, stream)
    }

    async fn says(stream: &mut TcpStream) -> std::io::Result<()> {
        let mut answer = [0; 2];
        stream.write_all(b"hi").await?;
        stream.read_exact(&mut answer).await?;
        assert_eq!(&answer, b"hi");
        Ok(())
    }

    #[tokio::test]
    async fn a_silent_link_keeps_what_it_was_given_and_a_cut_one_closes() {
        let (link, mut stream) = echo().await;
        says(&mut stream).await.unwrap();
        link.set(Weather::Silent);
        stream.write_all(b"ho").await.unwrap();
        let mut answer = [0; 2];
        assert!(timeout(SHORT, stream.read_exact(&mut answer)).await.is_err(), "nothing passes, nobody is told");
        link.set(Weather::Fair);
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"ho");
        link.set(Weather::Cut);
        assert!(says(&mut stream).await.is_err());
        let mut another = TcpStream::connect(link.address).await.unwrap();
        assert!(says(&mut another).await.is_err(), "new connections are closed, too");
    }

    #[tokio::test]
    async fn a_delay_delays() {
        let (link, mut stream) = echo().await;
        link.set(Weather::Delayed(SHORT));
        let began = Instant::now();
        says(&mut stream).await.unwrap();
        assert!(began.elapsed() >= SHORT * 2, "there and back");
    }
}
