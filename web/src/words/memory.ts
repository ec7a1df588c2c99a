// What each browser remembers. Without storage a choice lasts as long as the page.

export function remembered(key: string): string | null {
	try {
		return localStorage.getItem(`tidemark.${key}`);
	} catch {
		return null;
	}
}

export function remember(key: string, value: string): void {
	try {
		localStorage.setItem(`tidemark.${key}`, value);
	} catch {
		// as above
	}
}
