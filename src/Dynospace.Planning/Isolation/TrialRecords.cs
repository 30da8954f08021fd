using Dynospace.Api.Spaces;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Isolation;

/// <summary>Writes and reads records of trials.</summary>
internal static class TrialRecords
{
    private const string Off = "Trials are switched off by the operator's option enforcementInterval.";

    public static IsolationTrial Conclude(TrialResult result, string message, string subject, DateTimeOffset now) =>
        new() { TriedAt = WholeSeconds(now), Result = result, Subject = subject, Message = message };

    /// <summary>A trial that could not be held says nothing, except that what was seen to be open is not known to be shut since.</summary>
    public static IsolationTrial Obstruct(IsolationTrial? last, string obstacle, string subject, DateTimeOffset now)
    {
        var isOpen = last?.Result == TrialResult.NotEnforced;
        return new()
        {
            TriedAt = WholeSeconds(now),
            Result = isOpen ? TrialResult.NotEnforced : TrialResult.NotVerified,
            Subject = subject,
            Message = isOpen ? last!.Message : null,
            Obstacle = obstacle,
        };
    }

    public static EnforcementFacts? Read(IsolationTrial? record, PlatformOptions options) => record switch
    {
        _ when options.Isolation.TrialInterval is null => new(null, Off),
        null => null,
        { Result: TrialResult.Enforced } => new(true, record.Message ?? ""),
        { Result: TrialResult.NotEnforced, Obstacle: { } obstacle } =>
            new(false, $"{record.Message} No trial could be held since: {obstacle}"),
        { Result: TrialResult.NotEnforced } => new(false, record.Message ?? ""),
        _ => new(null, $"No trial could be held: {record.Obstacle}"),
    };

    /// <summary>All that the API keeps of a time.</summary>
    private static DateTime WholeSeconds(DateTimeOffset now) =>
        new(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerSecond), DateTimeKind.Utc);
}
