package dev.millrace.manage;

/**
 * The content of one answer.
 *
 * <p>Ownership: the body belongs to who receives the page; it is made anew for each.
 *
 * @param status status of the answer
 * @param contentType media type of the body
 * @param body the bytes
 */
@SuppressWarnings("ArrayRecordComponent") // Pages are sent, never compared.
public record Page(int status, String contentType, byte[] body) {}
