package dev.millrace;

import static com.tngtech.archunit.lang.SimpleConditionEvent.violated;

import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchRule;
import io.netty.channel.ChannelHandler;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The rules about what a class may do, wherever it stands.
 *
 * @param floors the packages that the rules are for
 */
record CodeRules(Floors floors) {

  /** Calls that read the clock or throw the dice, whatever their arguments. */
  private static final Set<String> CLOCK_AND_CHANCE =
      Set.of(
          "com.github.benmanes.caffeine.cache.Ticker.systemTicker",
          "io.netty.util.concurrent.Ticker.systemTicker",
          "java.lang.Math.random",
          "java.lang.System.currentTimeMillis",
          "java.lang.System.nanoTime",
          "java.time.Clock.system",
          "java.time.Clock.systemDefaultZone",
          "java.time.Clock.systemUTC",
          "java.time.Clock.tickMillis",
          "java.time.Clock.tickMinutes",
          "java.time.Clock.tickSeconds",
          "java.time.InstantSource.system",
          "java.util.Calendar.getInstance",
          "java.util.UUID.randomUUID",
          "java.util.concurrent.ThreadLocalRandom.current",
          "java.util.random.RandomGenerator.getDefault");

  /** Types whose {@code now} reads the system's clock unless it is given one. */
  private static final Set<String> DATES =
      Set.of(
          "java.time.Instant",
          "java.time.LocalDate",
          "java.time.LocalDateTime",
          "java.time.LocalTime",
          "java.time.OffsetDateTime",
          "java.time.Year",
          "java.time.ZonedDateTime");

  /** Types whose constructor without arguments reads the clock or the system's entropy. */
  private static final Set<String> SEEDED =
      Set.of(
          "java.security.SecureRandom",
          "java.util.Date",
          "java.util.Random",
          "java.util.SplittableRandom");

  /** Time and chance come in by constructor; only Main makes them. */
  ArchRule noClockOutsideMain() {
    return floors.own(
        "take time and chance from outside",
        (type, events) -> {
          if (floors.isMain(type)) {
            return;
          }
          codeUnits(type)
              .filter(access -> isClockOrChance(access.getTarget()))
              .forEach(access -> events.add(violated(type, access.getDescription())));
        });
  }

  /** A handler is not made to be extended. */
  ArchRule handlersAreFinal() {
    return floors.own(
        "be final if they are handlers",
        (type, events) -> {
          boolean open =
              !type.isInterface()
                  && !type.isAnonymousClass()
                  && !type.getModifiers().contains(JavaModifier.FINAL);
          if (open && type.isAssignableTo(ChannelHandler.class)) {
            events.add(violated(type, type.getName() + " is a handler and not final"));
          }
        });
  }

  /** What many pipelines share cannot change. */
  ArchRule sharableHandlersDoNotChange() {
    return floors.own(
        "have final fields only if they are sharable",
        (type, events) -> {
          if (type.isAnnotatedWith(ChannelHandler.Sharable.class)) {
            type.getAllFields().stream()
                .filter(field -> !field.getOwner().getPackageName().startsWith("io.netty"))
                .filter(field -> !field.getModifiers().contains(JavaModifier.FINAL))
                .forEach(field -> events.add(violated(type, mutable(field))));
          }
        });
  }

  /** No state in statics. */
  ArchRule staticsDoNotChange() {
    return floors.own(
        "have final static fields only",
        (type, events) ->
            type.getFields().stream()
                .filter(field -> field.getModifiers().contains(JavaModifier.STATIC))
                .filter(field -> !field.getModifiers().contains(JavaModifier.FINAL))
                .filter(field -> !field.getModifiers().contains(JavaModifier.SYNTHETIC))
                .forEach(field -> events.add(violated(type, mutable(field)))));
  }

  private static String mutable(JavaField field) {
    return field.getFullName() + " is not final";
  }

  private static Stream<JavaAccess<? extends CodeUnitAccessTarget>> codeUnits(JavaClass type) {
    return Stream.concat(
        type.getCodeUnitCallsFromSelf().stream(), type.getCodeUnitReferencesFromSelf().stream());
  }

  private static boolean isClockOrChance(CodeUnitAccessTarget target) {
    String owner = target.getOwner().getName();
    boolean clockGiven =
        target.getRawParameterTypes().stream()
            .anyMatch(type -> type.getName().startsWith("java.time.Clock"));
    boolean readsNow = DATES.contains(owner) && target.getName().equals("now") && !clockGiven;
    boolean seedsItself =
        SEEDED.contains(owner)
            && target.getName().equals("<init>")
            && target.getRawParameterTypes().isEmpty();
    return CLOCK_AND_CHANCE.contains(owner + "." + target.getName()) || readsNow || seedsItself;
  }
}
