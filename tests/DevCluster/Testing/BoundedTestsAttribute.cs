using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Xunit.v3;

namespace DevCluster.Testing;

/// <summary>
/// Ends the process and names the test when a test exceeds its limit, because a run that hangs reports nothing.
/// <c>TEST_LIMIT_SECONDS</c> sets another limit than 15 minutes, in seconds.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class BoundedTestsAttribute : BeforeAfterTestAttribute
{
    private const int ExitCode = 70;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(
        int.TryParse(Environment.GetEnvironmentVariable(
            "TEST_LIMIT_SECONDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : 900);

    private static readonly ConcurrentDictionary<IXunitTest, long> Running = [];

    private static readonly Timer Watch = new(_ =>
        EndIfOverdue(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));

    /// <inheritdoc/>
    public override void Before(MethodInfo methodUnderTest, IXunitTest test) =>
        Running[test] = Stopwatch.GetTimestamp();

    /// <inheritdoc/>
    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        Running.TryRemove(test, out _);
        GC.KeepAlive(Watch);
    }

    private static void EndIfOverdue()
    {
        if (Debugger.IsAttached || !Running.Any(entry => Stopwatch.GetElapsedTime(entry.Value) > Limit))
        {
            return;
        }

        foreach (var (test, started) in Running)
        {
            Console.Error.WriteLine(
                $"{test.TestDisplayName} has not ended after {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s");
        }

        Environment.Exit(ExitCode);
    }
}
