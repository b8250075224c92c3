import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  base: "./", // below any prefix
  plugins: [react()],
  build: {
    outDir: "../server/console",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0, // the Content-Security-Policy admits no data: addresses
    modulePreload: { polyfill: false },
  },
  test: { include: ["src/**/*.test.ts"] },
});
