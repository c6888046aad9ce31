export {
  type TrackFields,
  track_event,
  track_event as trackEvent,
  track_metric,
  track_metric as trackMetric,
  track_timing,
  track_timing as trackTiming,
} from '../parts/facade/gate.ts';
