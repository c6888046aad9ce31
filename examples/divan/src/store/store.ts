/**
 * What divan keeps, and nothing about how. Three implementations pass one contract suite: memory,
 * `node:sqlite` and PostgreSQL. Every method may reject with `StoreUnavailable`; anything else is a bug.
 * Times are milliseconds since the epoch.
 */
export interface Store {
  readonly kind: 'memory' | 'sqlite' | 'postgres';
  readonly chat: ChatStore;
  readonly people: PeopleStore;
  readonly places: PlaceStore;
  readonly groups: GroupStore;
  readonly board: BoardStore;
  /** Applies what is missing; safe to run twice, and from two processes at once. */
  migrate(): Promise<void>;
  /** The newest applied migration, or undefined where none was applied. */
  version(): Promise<string | undefined>;
  ping(): Promise<void>;
  /** Safe twice. */
  close(): Promise<void>;
}

/** The database can't be reached or does not answer in time. Its message is fixed: a driver's text never leaves. */
export class StoreUnavailable extends Error {
  readonly code = 'store_unavailable';
  constructor(cause?: unknown) {
    super('the store is not available', { cause });
    this.name = 'StoreUnavailable';
  }
}

export interface Attachment {
  readonly attachment_id: string;
  readonly media_type: string;
  readonly size_bytes?: number | undefined;
  readonly file_name?: string | undefined;
  readonly remote_url?: string | undefined;
}

/** A message before the store gave it a place in its conversation. `recipientId` is empty in a room. */
export interface Draft {
  readonly messageId: string;
  readonly clientMsgId: string;
  readonly conversationId: string;
  readonly senderId: string;
  readonly recipientId: string;
  readonly body: string;
  readonly attachments: readonly Attachment[];
  readonly at: number;
}

export interface Message extends Draft {
  /** From 1 in each conversation, without gaps. */
  readonly seq: number;
  /** When the recipient first had it, or null. */
  readonly deliveredAt: number | null;
}

/** A key belongs to one user and one route; `hash` stands for the request's body. */
export interface IdempotencyKey {
  readonly userId: string;
  readonly route: string;
  readonly key: string;
  readonly hash: string;
}

export type SendOutcome =
  | { readonly outcome: 'sent' | 'replayed'; readonly message: Message }
  | { readonly outcome: 'conflict' };

export interface Marked {
  /** Messages that were not marked before. */
  readonly fresh: number;
  /** The conversation's last `seq`, 0 where there is none. */
  readonly last: number;
}

export interface Span {
  readonly from: number;
  readonly to: number;
  readonly at: number;
}

export interface ChatStore {
  /** Key, sequence number and message are written together or not at all. */
  send(draft: Draft, key: IdempotencyKey): Promise<SendOutcome>;
  /** Newest first, below `before`, without what the viewer cleared. */
  page(
    conversationId: string,
    viewerId: string,
    range: { before?: number; limit: number },
  ): Promise<Message[]>;
  /** Oldest first: what was sent to the recipient and never delivered. */
  outbox(conversationId: string, recipientId: string, limit: number): Promise<Message[]>;
  markDelivered(conversationId: string, recipientId: string, span: Span): Promise<Marked>;
  markRead(conversationId: string, recipientId: string, span: Span): Promise<Marked>;
  /** Hides all messages so far from this viewer; what both sides cleared is deleted. */
  clear(conversationId: string, viewerId: string): Promise<void>;
  /** Forgets keys older than `before`; resolves to their number. */
  forgetKeys(before: number): Promise<number>;
}

export type Visibility = 'everyone' | 'friends' | 'nobody';

/** The five fields of a profile that others may see. */
export interface Profile {
  readonly headline: string | null;
  readonly major: string | null;
  readonly year: number | null;
  readonly interests: string | null;
  readonly languages: string | null;
}

export interface Person extends Profile {
  readonly userId: string;
  readonly displayName: string;
  readonly handle: string;
  readonly avatarUrl: string | null;
  readonly campusId: string | null;
  readonly city: string | null;
  readonly visibility: Visibility;
  /** Metres by which the person's distance is blurred; 0 for the least that the service gives everyone. */
  readonly blurM: number;
}

export interface PeopleStore {
  put(person: Person): Promise<void>;
  /** Writes the person only where the id is new. */
  ensure(person: Person): Promise<void>;
  get(userId: string): Promise<Person | undefined>;
  /** False where the same invitation, or the friendship, stands already. */
  invite(fromId: string, toId: string, at: number): Promise<boolean>;
  /** Turns the invitation into a friendship; false where there is none. */
  accept(fromId: string, toId: string): Promise<boolean>;
  block(userId: string, blockedId: string): Promise<void>;
}

export interface Position {
  readonly userId: string;
  readonly lat: number;
  readonly lon: number;
  readonly accuracyM: number;
  readonly campusId: string | null;
  readonly at: number;
}

/** A rectangle in degrees; `west > east` where it crosses the 180th meridian. */
export interface Box {
  readonly south: number;
  readonly north: number;
  readonly west: number;
  readonly east: number;
}

export interface Around {
  readonly viewerId: string;
  readonly lat: number;
  readonly lon: number;
  readonly box: Box;
  /** Positions before this moment are stale. */
  readonly since: number;
  readonly campusId?: string | undefined;
  readonly friendsOnly?: boolean | undefined;
  readonly limit: number;
}

export interface Listing {
  readonly viewerId: string;
  /** One of the two is set. */
  readonly campusId?: string | undefined;
  readonly city?: string | undefined;
  readonly friendsOnly?: boolean | undefined;
  readonly since: number;
  readonly limit: number;
}

/** A person as one viewer may find them: never blocked either way, never against their visibility, never the viewer. */
export interface Found {
  readonly person: Person;
  readonly isFriend: boolean;
  /** Absent in a listing where the person has no fresh position. */
  readonly lat?: number;
  readonly lon?: number;
}

export interface PlaceStore {
  put(position: Position): Promise<void>;
  get(userId: string): Promise<Position | undefined>;
  remove(userId: string): Promise<void>;
  /** The nearest `limit` in the box, nearest first as the crow flies over flat ground. */
  around(query: Around): Promise<Found[]>;
  /** By user id. */
  listing(query: Listing): Promise<Found[]>;
}

export interface Room {
  readonly roomId: string;
  readonly name: string;
  readonly ownerId: string;
  readonly at: number;
}

export interface Activity {
  readonly activityId: string;
  readonly kind: string;
  readonly ownerId: string;
  readonly at: number;
}

export interface GroupStore {
  /** The owner is its first member. */
  createRoom(room: Room): Promise<void>;
  room(roomId: string): Promise<Room | undefined>;
  /** False where the user was a member already. */
  join(roomId: string, userId: string): Promise<boolean>;
  isMember(roomId: string, userId: string): Promise<boolean>;
  createActivity(activity: Activity): Promise<void>;
  activity(activityId: string): Promise<Activity | undefined>;
  /** False where it was complete already. */
  complete(activityId: string, at: number): Promise<boolean>;
}

export interface Score {
  /** `2026-03-04`, UTC. */
  readonly day: string;
  readonly userId: string;
  readonly campusId: string | null;
  readonly points: number;
}

export interface Standing {
  readonly rank: number;
  readonly userId: string;
  readonly points: number;
}

export interface BoardStore {
  add(score: Score): Promise<void>;
  /** Freezes the day's best of every campus and of all; a second run replaces the first. Resolves to the scopes written. */
  snapshot(day: string, size: number): Promise<string[]>;
  /** `scope` is `global` or `campus:<id>`. */
  standings(day: string, scope: string): Promise<Standing[]>;
}
