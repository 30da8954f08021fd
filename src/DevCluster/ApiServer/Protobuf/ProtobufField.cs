namespace DevCluster.ApiServer.Protobuf;

/// <summary>A field of a message.</summary>
/// <param name="JsonName">Empty when the field's own fields belong to the parent.</param>
/// <param name="Type">One of the type letters of messages.txt.</param>
/// <param name="Message">The message's name where the type is <c>m</c>.</param>
/// <param name="OmitsZero">True where Go sends zero for "not set".</param>
internal sealed record ProtobufField(
    string JsonName, char Type, string Message, bool IsRepeated, bool IsMap, bool OmitsZero);
