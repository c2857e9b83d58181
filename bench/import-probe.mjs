/** What this process has cost by the time the modules named as arguments are there. */
for (const specifier of process.argv.slice(2)) await import(specifier);
const ms = performance.now();
const { user, system } = process.cpuUsage();
console.log(JSON.stringify({ ms, cpuMs: (user + system) / 1000, mb: process.memoryUsage.rss() / 1e6 }));
