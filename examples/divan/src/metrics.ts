import type { Obs } from 'plimsoll';

/** Every metric of divan's own, declared here and nowhere else. HTTP, jobs and checks are counted by Plimsoll. */
export function divanMetrics({ metrics }: Obs) {
  const counter = (name: string, help: string) => metrics.counter(name, { help });
  return {
    heartbeats: metrics.counter('presence_heartbeats_total', {
      help: 'Heartbeats accepted',
      labels: ['campus_id'],
      maxSeries: 200,
    }),
    rejects: metrics.counter('presence_rejects_total', { help: 'Heartbeats refused', labels: ['reason'] }),
    queries: metrics.counter('proximity_queries_total', {
      help: 'Nearby searches answered, by the step that holds the radius asked for, in metres',
      labels: ['radius'],
    }),
    invitesSent: counter('invites_sent_total', 'Invitations sent'),
    invitesAccepted: counter('invites_accept_total', 'Invitations accepted'),
    friendships: counter('friendships_accepted_total', 'Friendships made'),
    sent: counter('chat_send_total', 'Chat messages sent'),
    delivered: counter('chat_delivered_updates_total', 'Chat messages that reached their recipient'),
    read: counter('chat_read_updates_total', 'Chat messages that their recipient read'),
    idempotency: metrics.counter('chat_idempotency_total', {
      help: 'Chat sends by what their idempotency key made of them',
      labels: ['outcome'],
    }),
    roomsCreated: counter('rooms_created_total', 'Rooms created'),
    roomsJoined: counter('rooms_join_total', 'Rooms joined'),
    roomsSent: counter('rooms_send_total', 'Messages sent to rooms'),
    activitiesCreated: metrics.counter('activities_created_total', {
      help: 'Activities created',
      labels: ['kind'],
    }),
    activitiesCompleted: metrics.counter('activities_completed_total', {
      help: 'Activities completed',
      labels: ['kind'],
    }),
    scored: metrics.counter('lb_events_processed_total', {
      help: 'Events that earned points for the leaderboard',
      labels: ['stream'],
    }),
    snapshots: metrics.counter('lb_snapshots_total', {
      help: 'Leaderboard snapshots written',
      labels: ['period', 'scope'],
    }),
  };
}

export type DivanMetrics = ReturnType<typeof divanMetrics>;

const STEPS = [10, 50, 100, 250, 500, 1000, 5000, 10_000, 100_000];

/** The label of a radius: the least step that holds it, so that clients can't make series. */
export const radiusStep = (radius: number) => STEPS.find(step => radius <= step) ?? STEPS[STEPS.length - 1]!;
