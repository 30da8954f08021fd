// Doctor: checks a cluster's platform and says what to do about each problem. Reads only.

using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Dynospace.Cli.Client;
using Dynospace.Cli.Terminal;

namespace Dynospace.Cli.Doctor;

/// <summary><c>dynospace doctor</c>: what is right and what is wrong with the platform of a cluster.</summary>
public sealed class DoctorVerb
{
    private readonly CliEnvironment _environment;
    private readonly ClientOptions _options;
    private readonly Option<bool> _problems = new("--problems")
    {
        Description = "Leave out what is right.",
    };

    private DoctorVerb(CliEnvironment environment) => (_environment, _options) = (environment, new(environment));

    public static Command Create(CliEnvironment environment)
    {
        var verb = new DoctorVerb(environment);
        return verb._options.Command(
            "doctor", "Check the platform: the operator, nodes, fixed IPs and spaces.", """
            Reads the cluster and changes nothing. What it says of a node's kernel was measured by the node's agent
            within the last minute; without the agent nothing is known of it. A problem is shown with what to do about
            it. The exit code is 1 if a check failed; warnings and what cannot be seen do not count.

            It needs a role of the platform team: what you may not read is left out, and named.

            Examples:
              dynospace doctor
              dynospace doctor --problems
              dynospace doctor -o json | jq '.checks[] | select(.result == "Failed")'

            """, [verb._problems], verb.RunAsync, takesApp: false, takesSpace: false);
    }

    /// <summary>All checks, in the order in which they are shown. Pure.</summary>
    internal static IReadOnlyList<Check> Examine(ObservedPlatform seen) =>
        [.. ClusterChecks.Run(seen), .. NodeChecks.Run(seen), .. ProcessLimits.Run(seen), .. SpaceChecks.Run(seen)];

    private async Task<int> RunAsync(ParseResult parsed, Session session, CancellationToken cancellationToken)
    {
        var all = Examine(await new PlatformReader(session).ReadAsync(cancellationToken));
        var shown = parsed.GetValue(_problems) ? [.. all.Where(check => !check.IsFine)] : all;
        var failed = Count(all, CheckResult.Failed);
        if (_options.FormatOf(parsed) != OutputFormat.Text)
        {
            _options.Print(parsed, new JsonObject
            {
                ["checks"] = new JsonArray([.. shown.Select(check => check.ToJson())]),
                ["failed"] = failed,
                ["warnings"] = Count(all, CheckResult.Warning),
                ["unknown"] = Count(all, CheckResult.Unknown),
            });
        }
        else
        {
            Write(shown);
            _environment.Out.WriteLine(Summary(all));
        }

        return failed > 0 ? 1 : 0;
    }

    private void Write(IReadOnlyList<Check> checks)
    {
        foreach (var subject in checks.GroupBy(check => check.Subject))
        {
            _environment.Out.WriteLine(subject.Key.ToString());
            var width = subject.Max(check => check.Name.Length);
            foreach (var check in subject)
            {
                _environment.Out.WriteLine(
                    $"  {Word(check.Result),-7}  {check.Name.PadRight(width)}  {TextTable.OneLine(check.Finding)}");
                if (check is { IsFine: false, Remedy: { } remedy })
                {
                    _environment.Out.WriteLine($"  {"",-7}  {"".PadRight(width)}  do: {TextTable.OneLine(remedy)}");
                }
            }

            _environment.Out.WriteLine();
        }
    }

    private static string Summary(IReadOnlyList<Check> checks) => string.Create(
        CultureInfo.InvariantCulture,
        $"{checks.Count} checks: {Count(checks, CheckResult.Failed)} failed, {Count(checks, CheckResult.Warning)} "
        + $"warned, {Count(checks, CheckResult.Unknown)} unknown.");

    private static int Count(IReadOnlyList<Check> checks, CheckResult result) =>
        checks.Count(check => check.Result == result);

    private static string Word(CheckResult result) => result switch
    {
        CheckResult.Ok => "ok",
        CheckResult.Warning => "warning",
        CheckResult.Failed => "FAILED",
        _ => "unknown",
    };
}
