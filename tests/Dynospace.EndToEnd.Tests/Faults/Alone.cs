namespace Dynospace.EndToEnd.Tests.Faults;

/// <summary>
/// Tests that take the operator away from all others, or need the cluster to be quiet: they run after all others and
/// one by one.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
