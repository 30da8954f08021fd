namespace Dynospace.Reachability;

/// <summary>A row of a matrix.</summary>
/// <param name="Name">What the row is called.</param>
/// <param name="Endpoint">Who opens the connections.</param>
public sealed record MatrixSource(string Name, Endpoint Endpoint);
