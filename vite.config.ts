import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/**
 * Builds client/ into dist/client, which the Worker serves under a policy without inline code; `npm run dev`
 * serves it from its sources.
 */
export default defineConfig({
  root: "client",
  plugins: [react()],
  cacheDir: "../dist/vite",
  build: {
    outDir: "../dist/client",
    emptyOutDir: true,
    // The policy has no `data:` but for images, and the polyfill would be one more script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
