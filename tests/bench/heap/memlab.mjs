// memlab.mjs FILE: memlab's heap with its dominators and retained sizes, and sums by class.
import heapAnalysis from '@memlab/heap-analysis';

const heap = await heapAnalysis.getFullHeapFromFile(process.argv[2]);
const classes = new Map();
let retained = 0;
heap.nodes.forEach((node) => {
	const name = `${node.type} ${node.type === 'object' ? node.name : ''}`;
	const row = classes.get(name) ?? { count: 0, self: 0 };
	row.count++;
	row.self += node.self_size;
	classes.set(name, row);
	retained = Math.max(retained, node.retainedSize);
});
console.log(`${classes.size} classes, ${retained} bytes`);
process.exit(0);
