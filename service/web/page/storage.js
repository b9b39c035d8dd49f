/** What the browser keeps for the page. Where it may keep nothing, the page remembers it until it is closed. */

/**
 * One thing that is kept. The area is asked for each time: merely to name one may be refused.
 * @param {() => Storage} area
 */
export function keeping(area, name = "") {
	let here = "";
	return {
		get() {
			try {
				return area().getItem(name) ?? here;
			} catch {
				return here;
			}
		},
		set(value = "") {
			here = value;
			try {
				if (value) area().setItem(name, value);
				else area().removeItem(name);
			} catch {
				// It is kept here alone.
			}
		},
	};
}
