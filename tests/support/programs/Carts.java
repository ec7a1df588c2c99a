import java.util.ArrayList;
import java.util.List;

/** Keeps as many carts as it is told, says that it is ready, and stays. */
public class Carts {
	static final class Cart {
		final byte[] items = new byte[200];
	}

	static final List<Cart> carts = new ArrayList<>();

	public static void main(String[] arguments) throws Exception {
		int count = Integer.parseInt(arguments[0]);
		for (int i = 0; i < count; i++)
			carts.add(new Cart());
		Runnable keeper = () -> System.out.println("ready " + carts.size());
		keeper.run();
		while (System.in.read() >= 0) {
			for (int i = 0; i < count; i++)
				carts.add(new Cart());
			keeper.run();
		}
	}
}
