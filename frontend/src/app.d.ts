// Types that SvelteKit asks the application for.
declare global {
  namespace App {
    interface Error {
      message: string;
      code?: string;
      requestId?: string | null;
    }
    /** What an entry of the history keeps beside its address. */
    interface PageState {
      /** A registration is being checked before it is sent. */
      reviewing?: boolean;
    }
  }
}

export {};
