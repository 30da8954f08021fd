namespace Dynospace.Planning.Status;

/// <summary>Times as the API stores them: whole seconds of UTC.</summary>
public static class ApiTime
{
    /// <summary>The precision that the API stores.</summary>
    public static DateTime WholeSeconds(DateTimeOffset time) =>
        new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerSecond), DateTimeKind.Utc);

    /// <inheritdoc cref="WholeSeconds(DateTimeOffset)"/>
    public static DateTime? WholeSeconds(DateTimeOffset? time) => time is { } known ? WholeSeconds(known) : null;

    /// <summary>A time that was read from the API.</summary>
    public static DateTimeOffset Read(DateTime time) => new(DateTime.SpecifyKind(time, DateTimeKind.Utc));
}
