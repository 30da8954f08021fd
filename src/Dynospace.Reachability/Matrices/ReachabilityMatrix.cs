// Matrices: who reaches whom, as a table of sources and targets.

using System.Collections.Immutable;
using Dynospace.Reachability.Addresses;
using Dynospace.Reachability.Evaluation;

namespace Dynospace.Reachability.Matrices;

/// <summary>Who reaches whom: a verdict for each source and target.</summary>
public sealed class ReachabilityMatrix
{
    private readonly Verdict[,] _verdicts;

    private ReachabilityMatrix(
        ImmutableArray<MatrixSource> sources, ImmutableArray<MatrixTarget> targets, Verdict[,] verdicts)
    {
        Sources = sources;
        Targets = targets;
        _verdicts = verdicts;
    }

    /// <summary>The rows, in the order given.</summary>
    public ImmutableArray<MatrixSource> Sources { get; }

    /// <summary>The columns, in the order given.</summary>
    public ImmutableArray<MatrixTarget> Targets { get; }

    /// <summary>The verdict for the source and target of these positions.</summary>
    public Verdict this[int source, int target] => _verdicts[source, target];

    /// <summary>Evaluates every pair.</summary>
    /// <param name="evaluator">What the policies say.</param>
    /// <param name="sources">The rows.</param>
    /// <param name="targets">The columns.</param>
    /// <exception cref="EndpointNotFoundException">The snapshot lacks one of the endpoints.</exception>
    public static ReachabilityMatrix Build(
        ReachabilityEvaluator evaluator,
        IEnumerable<MatrixSource> sources,
        IEnumerable<MatrixTarget> targets)
    {
        ImmutableArray<MatrixSource> rows = [.. sources];
        ImmutableArray<MatrixTarget> columns = [.. targets];
        var verdicts = new Verdict[rows.Length, columns.Length];
        for (var row = 0; row < rows.Length; row++)
        {
            for (var column = 0; column < columns.Length; column++)
            {
                verdicts[row, column] = Evaluate(evaluator, rows[row], columns[column]);
            }
        }

        return new(rows, columns, verdicts);
    }

    private static Verdict Evaluate(ReachabilityEvaluator evaluator, MatrixSource source, MatrixTarget target) =>
        (source.Ranges, target.Ranges) switch
        {
            ({ } ranges, _) => evaluator.EvaluateSet(ranges, target.Endpoint, isSource: true, target.Port),
            (_, { } ranges) => evaluator.EvaluateSet(ranges, source.Endpoint, isSource: false, target.Port),
            _ => evaluator.Evaluate(source.Endpoint, target.Endpoint, target.Port),
        };

    /// <summary>A Markdown table, padded so that it reads well as plain text, and a legend of what decided.</summary>
    public string ToMarkdown() => MatrixText.Markdown(this);

    /// <summary>The same table for a terminal.</summary>
    public string ToText() => MatrixText.Plain(this);
}

/// <summary>A row of a matrix.</summary>
/// <param name="Name">What the row is called.</param>
/// <param name="Endpoint">Who opens the connections.</param>
public sealed record MatrixSource(string Name, Endpoint Endpoint)
{
    /// <summary>All addresses of the row, of which the endpoint is one; null where it is all.</summary>
    public CidrSet? Ranges { get; init; }
}

/// <summary>A column of a matrix.</summary>
/// <param name="Name">What the column is called; the port is added to it.</param>
/// <param name="Endpoint">Who is connected to.</param>
/// <param name="Port">On which port.</param>
public sealed record MatrixTarget(string Name, Endpoint Endpoint, TransportPort Port)
{
    /// <inheritdoc cref="MatrixSource.Ranges"/>
    public CidrSet? Ranges { get; init; }
}
