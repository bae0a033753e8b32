// Starts Google's own emulators of Firebase Auth and Storage on loopback, without the network.
//
//   node firebase_emulators.js FOLDER_OF_FIREBASE_TOOLS PROJECT AUTH_PORT STORAGE_PORT
//
// The command `firebase emulators:start` would ask the network for news first, and its Storage emulator wants a Java
// program for the rules that no package registry has. So both are started here as the command does it, and one rule
// written in this file stands for the rules: an account with the claim `reviewer` may get and list, nobody else.
// Ends when its standard input is closed.
"use strict";
const path = require("path");

const [root, project, authPort, storagePort] = process.argv.slice(2);
const emulators = path.join(root, "lib", "emulator");
const { AuthEmulator } = require(path.join(emulators, "auth"));
const { StorageEmulator } = require(path.join(emulators, "storage"));
const { EmulatorRegistry } = require(path.join(emulators, "registry"));
const { createApp } = require(path.join(emulators, "storage", "server"));

function claims(token) {
  try {
    return JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
  } catch {
    return {};
  }
}

const onlyReviewers = {
  verify: async ({ method, token }) => {
    const held = claims(token || "");
    const alive = held.exp > Date.now() / 1000;
    return {
      permitted: alive && held.reviewer === true && ["get", "list"].includes(method),
      issues: { exist: () => false, all: [] },
    };
  },
};

async function main() {
  const host = "127.0.0.1";
  await new AuthEmulator({ projectId: project, host, port: Number(authPort) }).start();
  const storage = new StorageEmulator({
    projectId: project,
    host,
    port: Number(storagePort),
    rules: { name: "storage.rules", content: "" },
  });
  EmulatorRegistry.set(storage.getName(), storage);
  storage.rulesManager.getRuleset = () => onlyReviewers;
  const app = await createApp(project, storage);
  app.listen(Number(storagePort), host, () => console.log("ready"));
}

process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
main().catch((error) => {
  console.error(error);
  process.exit(1);
});
