using DevCluster.ApiServer.Storage;

namespace DevCluster.ApiServer.Registry;

/// <summary>What a write came to.</summary>
/// <param name="Object">The state after it.</param>
/// <param name="Created">True when the object did not exist before (201).</param>
internal sealed record WriteResult(StoredObject Object, bool Created);
