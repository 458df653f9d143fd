// One server with the demo for all tests that only look and add; those that kill it or move its clock start their own.
import { Server } from './server';

export default async function setup(): Promise<() => Promise<void>> {
  const server = await Server.demo();
  process.env.SHARED_SERVER = server.url;
  return () => server.stop();
}
