namespace Dynospace.Reachability;

/// <summary>A column of a matrix.</summary>
/// <param name="Name">What the column is called; the port is added to it.</param>
/// <param name="Endpoint">Who is connected to.</param>
/// <param name="Port">On which port.</param>
public sealed record MatrixTarget(string Name, Endpoint Endpoint, TransportPort Port);
