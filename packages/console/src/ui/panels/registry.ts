import type { Panel } from './panel.ts';

const found = import.meta.glob<{ panel: Panel }>('./*/panel.tsx', { eager: true });

export const panels: readonly Panel[] = Object.values(found)
  .map(module => module.panel)
  .sort((a, b) => a.order - b.order);

export function panelAt(path: string): Panel | undefined {
  return panels.find(
    panel => path === panel.path || (panel.path !== '/' && path.startsWith(`${panel.path}/`)),
  );
}
