/** What left the desk: what contacts received and whom the team had notified, apart from what was stored. */

export interface Address {
  readonly email: string;
  readonly name?: string | undefined;
}

/** One message that reached a contact. */
export interface Delivery {
  readonly channel: 'email' | 'slack' | 'chat' | 'teams' | 'discord';
  readonly threadId: string;
  readonly messageId: string;
  readonly to: readonly Address[];
  readonly cc: readonly Address[];
  readonly bcc: readonly Address[];
  readonly subject?: string | undefined;
  /** As it was sent: HTML, Markdown or text, whatever the desk sends. */
  readonly body: string;
  readonly attachments: readonly string[];
  readonly at: Date;
}

/** A notification to the team that went along with a write. It reaches no contact. */
export interface Notice {
  readonly channel: 'email' | 'slack';
  readonly threadId: string;
  /** What happened, for example `thread.created`. */
  readonly about: string;
  readonly at: Date;
}

export interface PostRoom {
  /** Oldest first. */
  readonly delivered: readonly Delivery[];
  /** Oldest first. */
  readonly notices: readonly Notice[];
  /** What this address received as `to`, `cc` or `bcc`, without regard to case. Oldest first. */
  deliveredTo(email: string): readonly Delivery[];
  deliver(delivery: Delivery): void;
  notify(notice: Notice): void;
  clear(): void;
}

export function createPostRoom(): PostRoom {
  const delivered: Delivery[] = [];
  const notices: Notice[] = [];
  return {
    delivered,
    notices,
    deliveredTo(email) {
      const wanted = email.toLowerCase();
      return delivered.filter(({ to, cc, bcc }) =>
        [...to, ...cc, ...bcc].some((address) => address.email.toLowerCase() === wanted),
      );
    },
    deliver: (delivery) => void delivered.push(delivery),
    notify: (notice) => void notices.push(notice),
    clear() {
      delivered.length = 0;
      notices.length = 0;
    },
  };
}
