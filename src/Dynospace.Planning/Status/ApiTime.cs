namespace Dynospace.Planning.Status;

/// <summary>Times as the API stores them: whole seconds of UTC.</summary>
public static class ApiTime
{
    /// <summary>All that the API keeps of a time.</summary>
    public static DateTime WholeSeconds(DateTimeOffset time) =>
        new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerSecond), DateTimeKind.Utc);

    /// <inheritdoc cref="WholeSeconds(DateTimeOffset)"/>
    public static DateTime? WholeSeconds(DateTimeOffset? time) => time is { } known ? WholeSeconds(known) : null;

    /// <summary>A time as it was read.</summary>
    public static DateTimeOffset Read(DateTime time) => new(DateTime.SpecifyKind(time, DateTimeKind.Utc));
}
