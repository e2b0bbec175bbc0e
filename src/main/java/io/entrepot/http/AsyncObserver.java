package io.entrepot.http;

import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import java.io.IOException;
import java.lang.reflect.Proxy;

/**
 * Is told how an asynchronous request ends. It has the methods of {@link AsyncListener}, but is
 * none: WildFly takes each class of a WAR that is one for a component of its own, and warns at
 * every start if it cannot make it.
 */
interface AsyncObserver {
  void onComplete(AsyncEvent event) throws IOException;

  void onTimeout(AsyncEvent event) throws IOException;

  void onError(AsyncEvent event) throws IOException;

  void onStartAsync(AsyncEvent event) throws IOException;

  /** Makes the listener that a server wants. Its class is made at run time, so nobody finds it. */
  static AsyncListener listener(AsyncObserver observer) {
    return (AsyncListener)
        Proxy.newProxyInstance(
            AsyncObserver.class.getClassLoader(),
            new Class<?>[] {AsyncListener.class},
            (proxy, method, arguments) -> {
              switch (method.getName()) {
                case "onComplete" -> observer.onComplete((AsyncEvent) arguments[0]);
                case "onTimeout" -> observer.onTimeout((AsyncEvent) arguments[0]);
                case "onError" -> observer.onError((AsyncEvent) arguments[0]);
                case "onStartAsync" -> observer.onStartAsync((AsyncEvent) arguments[0]);
                case "equals" -> {
                  return proxy == arguments[0];
                }
                case "hashCode" -> {
                  return System.identityHashCode(proxy);
                }
                default -> {
                  return observer.toString();
                }
              }
              return null;
            });
  }
}
