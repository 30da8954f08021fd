namespace DevCluster.Schema.Cel;

/// <summary>Ends parsing at the first mistake that the parser cannot pass over.</summary>
internal sealed class CelSyntaxException(CelIssue issue) : Exception(issue.Message)
{
    public CelIssue Issue { get; } = issue;
}
