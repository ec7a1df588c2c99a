// One of the bench's Node.js services: a little work, and a little memory that stays.
'use strict';
const kept = [];
setInterval(() => {
	kept.push({ at: Date.now(), text: `order ${kept.length}` });
}, 1000);
