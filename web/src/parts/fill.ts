/** A ref for what should reach down to the end of the window, whatever stands above it. */
export function fill(node: HTMLElement | null): (() => void) | undefined {
  if (node === null) return undefined;
  const fit = () => {
    const { top } = node.getBoundingClientRect();
    node.style.height = `calc(100dvh - ${Math.round(top + scrollY)}px - 1rem)`;
  };
  const sizes = new ResizeObserver(fit);
  sizes.observe(document.documentElement);
  for (const above of document.querySelectorAll("body header")) sizes.observe(above);
  fit();
  return () => sizes.disconnect();
}
