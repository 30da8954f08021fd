namespace Dynospace.Planning.Facts;

/// <summary>One way to the API server.</summary>
/// <param name="Address">An address of either family.</param>
/// <param name="Port">The port there, TCP.</param>
public sealed record ApiServerAddress(string Address, int Port);
